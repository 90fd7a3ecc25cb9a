using System.Text;
using Sisa.Generation;
using Sisa.Readers;
using Sisa.Readers.Features;
using Sisa.Serving.Answering;
using Sisa.Torch.Inference;
using Sisa.Training;

namespace Sisa.Serving.Living;

/// <summary>Answers many callers with one thread, which alone uses the constituents.</summary>
/// <remarks>Thread-safe. Models are made when the first question comes.</remarks>
internal sealed class LiveAnswers : IDisposable
{
    private readonly LiveBundle _bundle;
    private readonly string? _device;
    private readonly OwnThread _thread;
    private readonly AnswerLoop<Question, Prediction> _predictions;
    private readonly AnswerLoop<Passage, TextCost> _costs;
    private readonly Lock _encoding = new();
    private ItemEncoder? _encoder;

    // The answering thread's own.
    private Answerer? _answerer;
    private LanguageEnsemble? _ensemble;
    private TextScorer? _scorer;
    private Composer? _composer;

    /// <summary>Starts the answering thread.</summary>
    /// <param name="bundle">The served bundle. This object takes ownership of it.</param>
    /// <param name="device">Where answers are computed, or <see langword="null"/> for where the recipe trains.</param>
    public LiveAnswers(LiveBundle bundle, string? device)
    {
        (_bundle, _device) = (bundle, device);
        _thread = new OwnThread("sisa answers", Close);
        _predictions = new AnswerLoop<Question, Prediction>(_thread, Answerer.BatchSize, Predict);
        _costs = new AnswerLoop<Passage, TextCost>(_thread, TextScorer.BatchSize, Cost);
    }

    private Recipe Recipe => _bundle.Recipe;

    /// <summary>Answers rows.</summary>
    public async Task<IReadOnlyList<Prediction>> Predict(IReadOnlyList<Row> rows, CancellationToken cancellation)
    {
        Require(Recipe, TaskKind.Classify);
        return await _predictions.Ask(Read(rows, Question.Of), cancellation).ConfigureAwait(false);
    }

    /// <summary>Says what texts cost.</summary>
    public async Task<IReadOnlyList<TextCost>> Cost(IReadOnlyList<Row> rows, CancellationToken cancellation)
    {
        Require(Recipe, TaskKind.LanguageModel);
        return await _costs.Ask(Read(rows, Passage.Of), cancellation).ConfigureAwait(false);
    }

    /// <summary>Writes on from a prompt.</summary>
    public async Task<WrittenText> Write(string prompt, WritingOptions options, CancellationToken cancellation)
    {
        Require(Recipe, TaskKind.LanguageModel);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxTokens, 1);
        return await _thread.Do(
            ending =>
            {
                _composer ??= new Composer(_bundle, Recipe.Aggregation, _ensemble ??= TextScorer.Create(_bundle, _device));
                var tokens = _composer.Encode(Encoding.UTF8.GetBytes(prompt));
                if (tokens.Count == 0)
                {
                    throw new ArgumentException("The prompt is empty, and this tokenizer has no mark that a text could begin with.", nameof(prompt));
                }

                var written = _composer.Compose(tokens, new TokenSampler(options.Sampling, 0), options.Stops, options.MaxTokens, options.OnText ?? (_ => { }), ending);
                return WrittenText.Of(written, 0, Recipe.Aggregation, options.Sampling.Seed);
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Completes when the current answers are done. Later questions see the bundle that is served by then.</summary>
    public Task Settle(CancellationToken cancellation) => _thread.Do(_ => true, cancellation);

    /// <summary>Refuses a question that is for another task.</summary>
    /// <exception cref="InvalidOperationException">The recipe's task is another one.</exception>
    public static void Require(Recipe recipe, TaskKind task)
    {
        if (recipe.Task == TaskKind.LanguageModel != (task == TaskKind.LanguageModel))
        {
            throw new InvalidOperationException(task == TaskKind.LanguageModel
                ? "The ensemble consists of classifiers, which score and write no texts."
                : "The ensemble consists of language models, which predict no labels.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _thread.Dispose();

    private IReadOnlyList<Prediction> Predict(IReadOnlyList<Question> questions)
    {
        _answerer ??= new Answerer(_bundle, Recipe.Aggregation, _device);
        var answers = new List<Prediction>(questions.Count);
        foreach (var batch in questions.Chunk(Answerer.BatchSize))
        {
            _answerer.Answer(batch, (item, _, joined, chosen) => answers.Add(Prediction.Of(batch[item].Id, Recipe.Labels, joined, chosen, _answerer.Epoch)));
        }

        return answers;
    }

    private IReadOnlyList<TextCost> Cost(IReadOnlyList<Passage> passages)
    {
        _scorer ??= new TextScorer(_bundle, _ensemble ??= TextScorer.Create(_bundle, _device));
        var answers = new List<TextCost>(passages.Count);
        foreach (var batch in passages.Chunk(TextScorer.BatchSize))
        {
            _scorer.Refresh();
            var scores = _scorer.Score(batch, Recipe.Aggregation);
            answers.AddRange(batch.Select((passage, i) => TextCost.Of(passage, scores[i].Joined[Recipe.Aggregation], _scorer.Epoch)));
        }

        return answers;
    }

    // As the same rows are read from a file of JSON lines, on the caller's thread; one encoder serves all of them.
    private T[] Read<T>(IReadOnlyList<Row> rows, Func<Corpora.Item, T> keep)
    {
        using var lines = new MemoryStream([.. rows.SelectMany(row => row.ToJsonLine())]);
        lock (_encoding)
        {
            _encoder ??= new ItemEncoder(Recipe);
            return [.. CorpusReader.Read(lines, "the question", Recipe, new ReadOptions { ForPrediction = true, Encoder = _encoder }).Select(keep)];
        }
    }

    private void Close()
    {
        _answerer?.Dispose();
        _scorer?.Dispose();
        _composer?.Dispose();
        _ensemble?.Dispose();
        _bundle.Dispose();
    }
}
