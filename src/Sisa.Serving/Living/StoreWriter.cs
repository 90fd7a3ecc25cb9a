using Sisa.Engine.Certifying;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Reporting;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Engine.Training.Launching;
using Sisa.Engine.Verifying;
using Sisa.Serving.Measuring;
using Sisa.Torch;
using Sisa.Training;

namespace Sisa.Serving.Living;

/// <summary>The long operations that change a store: ingestion, training, purge, certification, verification. One thread runs them, one after another.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="open">Opens the store. Each work opens it anew, as a command does, so that no work depends on what one before it left behind.</param>
/// <param name="options">How it works.</param>
/// <param name="notify">Told, in a sentence, what an operator should know.</param>
internal sealed class StoreWriter(Func<Store> open, SisaOptions options, Action<string> notify) : IDisposable
{
    private readonly OwnThread _thread = new("sisa writer", () => { });

    /// <summary>Cancelled when the store is being closed.</summary>
    public CancellationToken Ending => _thread.Ending;

    /// <summary>Ingests files.</summary>
    public Task<IngestReport> Ingest(IReadOnlyList<string> files, IngestOptions ingest, CancellationToken cancellation) =>
        Do((store, ending) => new Ingestor(store).Ingest(files, ingest with { Patience = ingest.Patience > TimeSpan.Zero ? ingest.Patience : options.Patience, OnNotice = ingest.OnNotice ?? notify }, ending), cancellation);

    /// <summary>Trains every shard that is not up to date, and finishes pending requests with their certificates.</summary>
    public Task<TrainingReport> Train(CancellationToken cancellation) => Do((store, ending) => WithTrainer(store, trainer =>
    {
        var life = Life(store, trainer, ending);
        var report = life.BringUpToDate(options.Progress, ending);
        TellBlocked(report);
        life.Certify(ending);
        return TrainingReport.Of(report);
    }), cancellation);

    /// <summary>Finishes received requests.</summary>
    /// <param name="received">The requests.</param>
    /// <param name="report">Says what became of them.</param>
    /// <param name="cancellation">Cancels the work.</param>
    public Task<T> Finish<T>(ReceivedRequests received, Func<Store, LifeReport, T> report, CancellationToken cancellation) => Do((store, ending) => WithTrainer(store, trainer =>
    {
        var finished = Life(store, trainer, ending).Finish(received, () => options.Progress, ending);
        TellBlocked(finished.Training);
        return report(store, finished);
    }), cancellation);

    /// <summary>Trains from scratch on what is retained and compares every checkpoint. Certificates say so afterwards.</summary>
    public Task<VerificationReport> Verify(RerunSource source, CancellationToken cancellation) => Do((store, ending) =>
    {
        Rerun.RequireTrained(store);
        using var scratch = RerunScratch.Below(store.Layout.Scratch, notify);
        var report = WithTrainer(store, trainer => new Rerun(store, trainer()).Run(source, scratch.Path, options.Patience, options.Progress, ending));
        if (report.IsVerified)
        {
            try
            {
                new Certification(store, Keys(options.Passphrase), options.Patience).Renew(report.ToCertified(), ending);
            }
            catch (EvidenceException e)
            {
                // The rerun may have taken hours, and what it found holds.
                notify($"The certificates could not be issued again: {e.Message}");
            }
        }

        return VerificationReport.Of(report);
    }, cancellation);

    /// <inheritdoc/>
    public void Dispose() => _thread.Dispose();

    /// <summary>The keys of a store.</summary>
    /// <param name="passphrase">Their passphrase; <see langword="null"/> if none was given.</param>
    public static IKeySource Keys(string? passphrase) => new StoredKeys(() => passphrase ?? throw new EvidenceException("The signing keys are encrypted, and no passphrase is given.", "Set SisaOptions.Passphrase."));

    private Task<T> Do<T>(Func<Store, CancellationToken, T> work, CancellationToken cancellation) => _thread.Do(
        ending =>
        {
            using var store = open();
            return work(store, ending);
        },
        cancellation);

    private RequestLife Life(Store store, Func<IShardTrainer> trainer, CancellationToken ending) => new(store)
    {
        Trainer = trainer,
        Keys = Keys(options.Passphrase),
        Meter = new ForgettingMeter(store, null, notify, ending),
        Patience = options.Patience,
        CertificationPatience = options.Patience,
    };

    // Workers live for one training: between two of them they would hold memory for nothing.
    private T WithTrainer<T>(Store store, Func<Func<IShardTrainer>, T> work)
    {
        using var pool = options.Workers == 0 ? null : new LazyPool(() => new WorkerPool(WorkerProgram(), store.Layout, store.Recipe, options.Workers));
        return work(pool is null ? () => new TorchShardTrainer() : pool.Trainer);
    }

    private WorkerCommand WorkerProgram() => options.Worker ?? (SisaProgram.IsOwnWorker
        ? WorkerCommand.ThisProgram()
        : throw new EnvironmentException("This program cannot be started as a worker.", "Build it on SisaProgram, name the program 'sisa' as SisaOptions.Worker, or set SisaOptions.Workers to 0 to train in this process."));

    private void TellBlocked(TrainReport? report)
    {
        if (report?.PurgesBlocked > 0)
        {
            notify($"{Figures.Count(report.PurgesBlocked, "request")} published, but another process reads the manifest, so the purge is not finished. The next training finishes it.");
        }
    }

    private sealed class LazyPool(Func<WorkerPool> create) : IDisposable
    {
        private WorkerPool? _pool;

        public IShardTrainer Trainer() => _pool ??= create();

        public void Dispose() => _pool?.Dispose();
    }
}
