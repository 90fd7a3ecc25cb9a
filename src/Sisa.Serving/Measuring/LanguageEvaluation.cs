using System.Diagnostics;
using Sisa.Aggregation;
using Sisa.Evaluation.Language;
using Sisa.Measurements;
using Sisa.Readers;
using Sisa.Serving.Answering;
using Sisa.Serving.Bundles;
using Sisa.Sharding;

namespace Sisa.Serving.Measuring;

/// <summary>Figures of an ensemble of language models and of each constituent on held-out texts.</summary>
/// <param name="File">The file.</param>
/// <param name="Epoch">Epoch of the bundle.</param>
/// <param name="Aggregation">How answers were joined.</param>
/// <param name="Ensemble">Figures of the ensemble under that rule.</param>
/// <param name="Constituents">Figures of each constituent, by shard.</param>
/// <param name="Rules">Figures and speed under that rule and all others that were requested.</param>
/// <param name="Subjects">Figures of the ensemble for each subject, in ordinal order; empty if not requested.</param>
public sealed record LanguageEvaluation(
    string File,
    long Epoch,
    AggregationRule Aggregation,
    LanguageFigures Ensemble,
    IReadOnlyList<ModelFigures> Constituents,
    IReadOnlyList<RuleFigures> Rules,
    IReadOnlyList<SubjectFigures> Subjects)
{
    /// <summary>Evaluates what a bundle serves at one moment.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="file">Held-out texts.</param>
    /// <param name="rules">The rules, the ensemble's first.</param>
    /// <param name="bySubject">Whether to report each subject.</param>
    /// <param name="device">Where scores are computed, or <see langword="null"/> for where the recipe trains.</param>
    /// <param name="cancellation">Ends the evaluation.</param>
    /// <exception cref="CorpusException">A row cannot be read, or there is no text.</exception>
    /// <exception cref="InterruptedException">The bundle changed meanwhile.</exception>
    public static LanguageEvaluation Of(IBundleSource bundle, string file, IReadOnlyList<AggregationRule> rules, bool bySubject, string? device, CancellationToken cancellation)
    {
        using var scorer = new TextScorer(bundle, device);
        scorer.Refresh();
        var run = new Run(rules, scorer.Shards);
        var rows = CorpusReader.Read(file, bundle.Recipe, cancellationToken: cancellation);
        foreach (var batch in new RowBatches<Passage>(rows, Passage.Of, TextScorer.BatchSize, passage => passage.Tokens.Length, TextScorer.BatchBytes).All(cancellation))
        {
            var epoch = scorer.Epoch;
            scorer.Refresh();
            if (scorer.Epoch != epoch)
            {
                throw new InterruptedException($"The bundle changed from epoch {epoch} to {scorer.Epoch} during the evaluation, so the figures would mix two bundles.", "Run the same command again.");
            }

            run.Add(scorer, batch, bySubject);
        }

        return run.IsEmpty
            ? throw new CorpusException("The file holds no text.", "Give a file with held-out texts.", file)
            : new LanguageEvaluation(file, scorer.Epoch, rules[0], run.Ensemble, run.Constituents, run.Rules, run.Subjects);
    }

    private sealed class Run(IReadOnlyList<AggregationRule> rules, IReadOnlyList<ShardId> shards)
    {
        private readonly LanguageTally[] _constituents = [.. shards.Select(_ => new LanguageTally())];
        private readonly LanguageTally[] _rules = [.. rules.Select(_ => new LanguageTally())];
        private readonly Stopwatch[] _clocks = [.. rules.Select(_ => new Stopwatch())];
        private readonly SortedDictionary<string, LanguageTally> _subjects = new(StringComparer.Ordinal);

        public bool IsEmpty => _rules[0].Tokens == 0 || _rules[0].Bytes == 0;

        public LanguageFigures Ensemble => _rules[0].Figures();

        public IReadOnlyList<ModelFigures> Constituents => [.. shards.Zip(_constituents, (shard, tally) => new ModelFigures(shard, tally.Figures()))];

        public IReadOnlyList<RuleFigures> Rules => [.. rules.Select((rule, r) => new RuleFigures(rule, _rules[r].Figures(), _rules[r].Tokens / Math.Max(_clocks[r].Elapsed.TotalSeconds, 1e-9)))];

        // Texts without a byte, or without a token to predict, have no figures.
        public IReadOnlyList<SubjectFigures> Subjects => [.. _subjects.Where(pair => pair.Value is { Bytes: > 0, Tokens: > 0 }).Select(pair => new SubjectFigures(pair.Key, pair.Value.Figures()))];

        public void Add(TextScorer scorer, IReadOnlyList<Passage> batch, bool bySubject)
        {
            if (_rules[0].Items == 0)
            {
                // What is prepared once is in no rule's time.
                scorer.Score([batch[0]], rules);
            }

            // Each rule pays for itself: scored apart, so that their speeds can be compared.
            for (var r = 0; r < rules.Count; r++)
            {
                _clocks[r].Start();
                var scores = scorer.Score(batch, rules[r]);
                _clocks[r].Stop();
                for (var i = 0; i < batch.Count; i++)
                {
                    var joined = scores[i].Joined[rules[r]];
                    _rules[r].Add(joined, batch[i].Bytes);
                    if (r > 0)
                    {
                        continue;
                    }

                    for (var c = 0; c < shards.Count; c++)
                    {
                        _constituents[c].Add(scores[i].Constituents[c], batch[i].Bytes);
                    }

                    if (bySubject)
                    {
                        Subject(batch[i].Subject).Add(joined, batch[i].Bytes);
                    }
                }
            }
        }

        private LanguageTally Subject(string name)
        {
            if (!_subjects.TryGetValue(name, out var tally))
            {
                _subjects.Add(name, tally = new LanguageTally());
            }

            return tally;
        }
    }
}

/// <summary>Figures of one constituent that is a language model.</summary>
/// <param name="Shard">Its shard.</param>
/// <param name="Figures">Its figures.</param>
public sealed record ModelFigures(ShardId Shard, LanguageFigures Figures);

/// <summary>Figures of an ensemble of language models under a rule.</summary>
/// <param name="Aggregation">The rule.</param>
/// <param name="Figures">The figures.</param>
/// <param name="TokensPerSecond">Tokens of the texts that were scored in a second by all constituents and joined, reading not included.</param>
public sealed record RuleFigures(AggregationRule Aggregation, LanguageFigures Figures, double TokensPerSecond);

/// <summary>Figures of an ensemble of language models on the texts of one subject.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="Figures">The figures.</param>
public sealed record SubjectFigures(string Subject, LanguageFigures Figures);
