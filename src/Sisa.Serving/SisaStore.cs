using Sisa.Engine.Certifying;
using Sisa.Engine.Finding;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Publishing;
using Sisa.Engine.Reporting;
using Sisa.Engine.Stores;
using Sisa.Engine.Verifying;
using Sisa.Finding;
using Sisa.Forgetting;
using Sisa.Serving.Answering;
using Sisa.Serving.Bundles;
using Sisa.Serving.Creating;
using Sisa.Serving.Exporting;
using Sisa.Serving.Living;
using Sisa.Serving.Measuring;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Serving;

/// <summary>A store in a program of one's own: it ingests, trains, answers, forgets, and proves it.</summary>
/// <remarks>
/// <para>Thread-safe. One thread writes and one thread answers, whoever calls; answers do not wait for training. Several processes may have the same store open, and what others receive is noticed within a tenth of a
/// second. Results are the records that the commands write with <c>--json</c>.</para>
/// <para>A cancellation ends the work soon and loses nothing: what was finished stays, and the same call goes on with the rest. libtorch is pinned by the first recipe that this process trains or answers with: a recipe
/// with another numeric profile or number of threads needs a process of its own.</para>
/// </remarks>
public sealed class SisaStore : IAsyncDisposable
{
    private readonly SisaOptions _options;
    private readonly StorePool _pool;
    private readonly StoreWriter _writer;
    private readonly LiveAnswers _answers;
    private readonly StoreWatch _watch;
    private readonly Func<Store> _open;
    private bool _isClosed;

    private SisaStore(Store store, SisaOptions options)
    {
        _options = options;
        (Folder, Recipe) = (store.Layout.Root, store.Recipe);
        _open = () => Store.Open(Folder, options.Clock);
        _pool = new StorePool(_open, Environment.ProcessorCount);
        var bundle = new LiveBundle(_open());
        _answers = new LiveAnswers(bundle, options.Device);
        _watch = new StoreWatch(_open(), bundle, options.WatchInterval, Notify);
        _writer = new StoreWriter(_open, options, Notify);
    }

    /// <summary>Folder of the store.</summary>
    public string Folder { get; }

    /// <summary>Its recipe.</summary>
    public Recipe Recipe { get; }

    /// <summary>Makes a store.</summary>
    /// <param name="folder">Where; created if need be.</param>
    /// <param name="recipe">Path of the recipe, a YAML file.</param>
    /// <param name="options">How it works; <see langword="null"/> for the defaults. Its signing keys are encrypted where a passphrase is given.</param>
    /// <param name="cancellationToken">Cancels the call before it has begun.</param>
    /// <exception cref="RecipeException">A key of the recipe is wrong.</exception>
    /// <exception cref="StoreException">There is a store already.</exception>
    public static Task<SisaStore> CreateAsync(string folder, string recipe, SisaOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SisaOptions();
        return Task.Run(() => Started(() => Store.Create(folder, RecipeFile.Read(recipe, [], null, options.OnNotice ?? (_ => { })), clock: options.Clock, passphrase: options.Passphrase ?? string.Empty), options), cancellationToken);
    }

    /// <summary>Opens a store, and publishes the fallback of every request that a process received and could not publish any more.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="options">How it works; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the call before it has begun.</param>
    /// <exception cref="NotFoundException">There is no store.</exception>
    /// <exception cref="StoreException">The store is damaged, of another version, or went backwards.</exception>
    /// <exception cref="EvidenceException">The passphrase is not that of the signing keys.</exception>
    public static Task<SisaStore> OpenAsync(string folder, SisaOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SisaOptions();
        return Task.Run(() => Started(() => Store.Open(folder, options.Clock), options), cancellationToken);
    }

    /// <summary>Reads corpus files into shards and slices: all of them, or nothing.</summary>
    /// <param name="files">Paths of the files.</param>
    /// <param name="options">Lists and rules for rows; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends the reading; nothing is ingested then.</param>
    /// <exception cref="CorpusException">A row cannot be read.</exception>
    public Task<IngestReport> IngestAsync(IReadOnlyList<string> files, IngestOptions? options = null, CancellationToken cancellationToken = default) =>
        _writer.Ingest(files, options ?? new IngestOptions(), cancellationToken);

    /// <summary>Trains every shard that is not up to date, and finishes pending requests with their certificates.</summary>
    /// <param name="cancellationToken">Ends the training at the next stage; finished stages are kept.</param>
    public Task<TrainingReport> TrainAsync(CancellationToken cancellationToken = default) => _writer.Train(cancellationToken);

    /// <summary>Answers a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="cancellationToken">Cancels the question while it waits.</param>
    /// <exception cref="NotFoundException">Nothing is served.</exception>
    /// <exception cref="CorpusException">The row lacks a field, or has a value that cannot be read.</exception>
    /// <exception cref="InvalidOperationException">The ensemble consists of language models.</exception>
    /// <remarks>Questions that wait are answered together. The last digits of a probability depend on the company.</remarks>
    public async Task<Prediction> PredictAsync(Row row, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(row);
        return (await PredictAsync([row], cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>Answers rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Cancels the question while it waits.</param>
    /// <returns>One answer a row, in their order.</returns>
    /// <inheritdoc cref="PredictAsync(Row, CancellationToken)"/>
    public Task<IReadOnlyList<Prediction>> PredictAsync(IReadOnlyList<Row> rows, CancellationToken cancellationToken = default) => _answers.Predict(rows, cancellationToken);

    /// <summary>Says what texts cost the language models.</summary>
    /// <param name="rows">The texts, under the name of the field that the recipe maps.</param>
    /// <param name="cancellationToken">Cancels the question while it waits.</param>
    /// <returns>One answer a text, in their order.</returns>
    /// <exception cref="NotFoundException">Nothing is served.</exception>
    /// <exception cref="InvalidOperationException">The ensemble consists of classifiers.</exception>
    public Task<IReadOnlyList<TextCost>> ScoreAsync(IReadOnlyList<Row> rows, CancellationToken cancellationToken = default) => _answers.Cost(rows, cancellationToken);

    /// <summary>Writes on from a prompt.</summary>
    /// <param name="prompt">Beginning of the text.</param>
    /// <param name="options">How it is written; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends the text between two tokens.</param>
    /// <exception cref="NotFoundException">Nothing is served.</exception>
    /// <exception cref="InterruptedException">The bundle changed while the text was generated. Ask again.</exception>
    /// <exception cref="InvalidOperationException">The ensemble consists of classifiers.</exception>
    public Task<WrittenText> GenerateAsync(string prompt, WritingOptions? options = null, CancellationToken cancellationToken = default) => _answers.Write(prompt, options ?? new WritingOptions(), cancellationToken);

    /// <summary>Says what forgetting would do and cost. Changes nothing.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the call before it has begun.</param>
    public Task<ForgetReport> PlanAsync(ForgetRequest request, CancellationToken cancellationToken = default) =>
        Query(store => ForgetReport.Of(new Forgetter(store).Plan([request]).Outcomes[0]) with { NearSpellings = new SpellingSearch(store).Find(SpellingSearch.NamesOf([request])).Found }, cancellationToken);

    /// <summary>Receives a request to forget. When this returns, the request is durable, and nothing answers any more that has seen what it names. It does not wait for training.</summary>
    /// <param name="request">The request.</param>
    /// <param name="requesterCopy">Path of a file for the requester's copy: ids and nonces by which the requester can show that the certificate is about them. It can be written now or never; the store keeps none of
    /// it. <see langword="null"/> for no copy.</param>
    /// <param name="cancellationToken">Cancels the call before the receipt; a receipt cannot be taken back.</param>
    /// <returns>The receipt, with the task that ends when the request is retrained, purged and certified.</returns>
    /// <exception cref="RequestException">The request is malformed.</exception>
    /// <exception cref="RequestConflictException">A request of that name was received with other content.</exception>
    /// <exception cref="StoreBusyException">Another process wrote for longer than <see cref="SisaOptions.ReceiptTimeout"/>.</exception>
    public async Task<ForgetReceipt> ForgetAsync(ForgetRequest request, string? requesterCopy = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var copies = new RequesterCopies(requesterCopy, isList: false);
        var (received, near) = await Receive([request], copies, cancellationToken).ConfigureAwait(false);
        ForgetReport Report(Store store, LifeReport life) => ForgetReport.Of(life.Outcomes.Outcomes[0], ForgetReport.RequestOf(life.Outcomes.Outcomes[0], life.Pending, store), life.Training, store) with { NearSpellings = near };
        var now = await Query(store => Report(store, new LifeReport(received.Outcomes, received.Pending, null, CertificationReport.Nothing)), CancellationToken.None).ConfigureAwait(false);
        return new ForgetReceipt(now, Complete(received, Report));
    }

    /// <summary>Receives requests to forget together: all of them, or none.</summary>
    /// <param name="requests">The requests, with names of their own.</param>
    /// <param name="requesterCopies">A folder for the requesters' copies, one file each; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Cancels the call before the receipt.</param>
    /// <inheritdoc cref="ForgetAsync(ForgetRequest, string?, CancellationToken)"/>
    public async Task<ForgetListReceipt> ForgetAsync(IReadOnlyList<ForgetRequest> requests, string? requesterCopies = null, CancellationToken cancellationToken = default)
    {
        var copies = new RequesterCopies(requesterCopies, isList: true);
        var (received, near) = await Receive(requests, copies, cancellationToken).ConfigureAwait(false);
        ForgetListReport Report(Store store, LifeReport life) =>
            ForgetListReport.Of(life.Outcomes, life.Training, life.Pending.Count > 0 ? life.Pending[^1] : null, store) with { NearSpellings = near };
        var now = await Query(store => Report(store, new LifeReport(received.Outcomes, received.Pending, null, CertificationReport.Nothing)), CancellationToken.None).ConfigureAwait(false);
        return new ForgetListReceipt(now, Complete(received, Report));
    }

    /// <summary>Finds items whose text holds a phrase, with its places.</summary>
    /// <param name="phrase">The phrase.</param>
    /// <param name="match">How close. Default: the same but for case, form of characters, white space and punctuation.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="InvalidOperationException">The items of this store have no texts.</exception>
    public Task<SearchReport> FindTextAsync(string phrase, MatchKind match = MatchKind.Normalised, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(phrase);
        return Recipe.HasText
            ? Query(store => SearchReport.Of(new Finder(store).Phrase(phrase, match, Shingles.DefaultThreshold, cancellationToken), []), cancellationToken)
            : throw new InvalidOperationException("The items of this store have no texts.");
    }

    /// <summary>The state of the store.</summary>
    /// <param name="cancellationToken">Cancels the call before it has begun.</param>
    public Task<StatusReport> StatusAsync(CancellationToken cancellationToken = default) => Query(StatusReport.Of, cancellationToken);

    /// <summary>A page of requests, the earliest due date first.</summary>
    /// <param name="filter">Which requests; <see langword="null"/> for the first hundred.</param>
    /// <param name="cancellationToken">Cancels the call before it has begun.</param>
    public Task<RequestListReport> RequestsAsync(RequestFilter? filter = null, CancellationToken cancellationToken = default) => Query(store => RequestListReport.Of(store, filter ?? new RequestFilter()), cancellationToken);

    /// <summary>One request, and where its certificates are.</summary>
    /// <param name="request">Its name.</param>
    /// <param name="cancellationToken">Cancels the call before it has begun.</param>
    /// <exception cref="NotFoundException">There is no such request.</exception>
    public Task<RequestReport> RequestAsync(string request, CancellationToken cancellationToken = default) => Query(store => RequestReport.Of(store, request), cancellationToken);

    /// <summary>Trains from scratch on what is retained, and compares every checkpoint, byte for byte. Where all are equal, certificates are issued again and say so.</summary>
    /// <param name="source">The source of the items; <see langword="null"/> for the store's slices.</param>
    /// <param name="cancellationToken">Ends the work; nothing is changed then.</param>
    public Task<VerificationReport> VerifyAsync(RerunSource? source = null, CancellationToken cancellationToken = default) => _writer.Verify(source ?? RerunSource.Slices, cancellationToken);

    /// <summary>Measures the ensemble of classifiers and each constituent on held-out rows.</summary>
    /// <param name="file">The rows, with labels.</param>
    /// <param name="cancellationToken">Ends the measuring.</param>
    /// <exception cref="NotFoundException">Nothing is served.</exception>
    public Task<ClassificationEvaluation> EvaluateAsync(string file, CancellationToken cancellationToken = default) => Measure(TaskKind.Classify, bundle => ClassificationEvaluation.Of(bundle, file, Recipe.Aggregation, _options.Device, cancellationToken), cancellationToken);

    /// <summary>Measures the ensemble of language models and each constituent on held-out texts.</summary>
    /// <param name="file">The texts.</param>
    /// <param name="cancellationToken">Ends the measuring.</param>
    /// <exception cref="NotFoundException">Nothing is served.</exception>
    public Task<LanguageEvaluation> EvaluateTextsAsync(string file, CancellationToken cancellationToken = default) =>
        Measure(TaskKind.LanguageModel, bundle => LanguageEvaluation.Of(bundle, file, [Recipe.Aggregation], bySubject: false, _options.Device, cancellationToken), cancellationToken);

    /// <summary>Writes what is served as a folder that answers without the store, and registers it for recall.</summary>
    /// <param name="folder">The folder; must not exist.</param>
    /// <param name="cancellationToken">Cancels the call before it has begun.</param>
    /// <exception cref="NotFoundException">Nothing is served.</exception>
    public Task<EnsembleManifest> ExportAsync(string folder, CancellationToken cancellationToken = default) =>
        Query(store => EnsembleExport.Write(store, folder, new HandoutGuide("SisaStore.ExportAsync", "new ExportedEnsemble(\"THIS_FOLDER\")")), cancellationToken);

    /// <summary>Closes the store. Training ends soon; finished stages are kept, and the next training continues with them.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, true))
        {
            return;
        }

        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        _writer.Dispose();
        _watch.Dispose();
        _answers.Dispose();
        _pool.Dispose();
    }

    private static SisaStore Started(Func<Store> open, SisaOptions options)
    {
        options.Require();
        using var store = open();
        if (options.Passphrase is not null)
        {
            // Now, and not when the first certificate is due.
            StoreWriter.Keys(options.Passphrase).Open(store.Layout)?.Dispose();
        }

        new BundlePublisher(store).PublishFallbacks();
        return new SisaStore(store, options);
    }

    private Task<(ReceivedRequests Received, IReadOnlyList<NearSpelling> Near)> Receive(IReadOnlyList<ForgetRequest> requests, RequesterCopies copies, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(requests);
        return Settled(Task.Run(() => _pool.Use(_options.ReceiptTimeout, store =>
        {
            NearSpellings? near = null;
            var received = new RequestLife(store)
            {
                Trainer = () => throw new InvalidOperationException("A receipt trains nothing."),
                Keys = StoredKeys.InTheClear,
                HandOver = copies.Write,
                Spellings = () => near = new SpellingSearch(store).Find(SpellingSearch.NamesOf(requests)),
            }.Receive(requests);
            return (received, near?.Found ?? []);
        }), cancellationToken));
    }

    // An answer that was begun before the receipt is given before the receipt is.
    private async Task<T> Settled<T>(Task<T> receipt)
    {
        var received = await receipt.ConfigureAwait(false);
        await _answers.Settle(CancellationToken.None).ConfigureAwait(false);
        return received;
    }

    private async Task<T> Complete<T>(ReceivedRequests received, Func<Store, LifeReport, T> report)
    {
        try
        {
            if (received.Waits is { } until && until - _options.Clock.GetUtcNow() is var wait && wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, _options.Clock, _writer.Ending).ConfigureAwait(false);
            }

            return await _writer.Finish(received, report, _writer.Ending).ConfigureAwait(false);
        }
        catch (ObjectDisposedException) when (_writer.Ending.IsCancellationRequested)
        {
            throw new OperationCanceledException(_writer.Ending);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Nobody may await the completion, and an operator must know.
            Notify($"A request is not finished: {Sentence.Of(e)} The next training continues with it.");
            throw;
        }
    }

    private Task<T> Query<T>(Func<Store, T> query, CancellationToken cancellationToken) => Task.Run(() => _pool.Use(_options.QueryTimeout, query), cancellationToken);

    private Task<T> Measure<T>(TaskKind task, Func<IBundleSource, T> measure, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            LiveAnswers.Require(Recipe, task);
            using var bundle = new StoreBundle(_open());
            return measure(bundle);
        },
        cancellationToken);

    private void Notify(string notice) => _options.OnNotice?.Invoke(notice);
}
