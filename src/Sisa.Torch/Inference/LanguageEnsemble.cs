using Sisa.Aggregation;
using Sisa.Torch.Models;
using Sisa.Training;

namespace Sisa.Torch.Inference;

/// <summary>The constituents of an ensemble of language models, ready to score and to write texts.</summary>
/// <remarks>Small models are computed side by side, from a copy of their weights; large ones one after another. Not thread-safe.</remarks>
public sealed class LanguageEnsemble : LoadedConstituents
{
    private readonly DecoderFamily _family;
    private readonly DocumentScorer _scorer;
    private readonly int _groupSize;
    private readonly IReadOnlyList<AggregationRule> _rules;
    private IReadOnlyList<DecoderGroup>? _groups;
    private IReadOnlyList<DecoderGroup>? _average;

    /// <summary>Creates an ensemble without constituents.</summary>
    /// <param name="recipe">The recipe of a language model; its device and numeric profile pin the process.</param>
    /// <exception cref="EnvironmentException">The device or a library is missing.</exception>
    public LanguageEnsemble(Recipe recipe)
        : base(recipe)
    {
        if (recipe.Task != TaskKind.LanguageModel)
        {
            throw new ArgumentException("The recipe is not one of a language model.", nameof(recipe));
        }

        _rules = LanguageAggregator.Rules(recipe);
        _family = DecoderFamily.Create(recipe, Device);

        // By the recipe alone: how much is computed at a time decides the last bits of answers.
        _groupSize = DocumentScorer.GroupSize(_family, recipe.Ensemble.Shards);
        _scorer = new DocumentScorer(_family, _groupSize, Device);
    }

    /// <inheritdoc/>
    private protected override IReadOnlyList<ParameterSpec> Parameters => _family.Parameters;

    /// <summary>Scores documents under each constituent, and under the ensemble.</summary>
    /// <param name="documents">Encoded documents: tokens with their marks, as slices hold them.</param>
    /// <param name="rules">The rules under which answers are joined; none for the constituents alone.</param>
    /// <returns>One score a document.</returns>
    /// <exception cref="InvalidOperationException">There is no constituent.</exception>
    /// <exception cref="ArgumentException">A rule does not apply to the recipe; see <see cref="LanguageAggregator.Rules"/>.</exception>
    /// <exception cref="StoreException">A document is not in the recipe's layout, or the training of a constituent diverged.</exception>
    /// <remarks>Documents longer than the model's context are cut into windows as in training. Memory beside the weights and the answers is bounded, whatever the number and length of the
    /// documents. Of a document's company its score depends in the last bits alone.</remarks>
    public IReadOnlyList<DocumentScore> Score(IReadOnlyList<ReadOnlyMemory<byte>> documents, params IReadOnlyCollection<AggregationRule> rules)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(rules);
        foreach (var rule in rules)
        {
            Check(rule);
        }

        var answers = _scorer.Score(Groups(), documents, rules.Contains(AggregationRule.LogMean));
        CheckFinite(answers);
        var averages = rules.Contains(AggregationRule.WeightAverage) ? _scorer.Score(Average(), documents, normalise: false) : null;
        return [.. answers.Select((answer, i) => Joined(answer.LogProbabilities, answer.Normalisers, averages?[i].LogProbabilities, rules))];
    }

    /// <summary>Which tokens of documents each constituent would have written itself, given those before it: what greedy generation goes on with.</summary>
    /// <param name="documents">Encoded documents: tokens with their marks, as slices hold them.</param>
    /// <returns>For each document and constituent, in the order of <see cref="LoadedConstituents.Shards"/>, whether each token but the first is the likeliest at its place.</returns>
    /// <exception cref="InvalidOperationException">There is no constituent.</exception>
    /// <exception cref="StoreException">A document is not in the recipe's layout, or the training of a constituent diverged.</exception>
    /// <remarks>Greedy generation from a beginning writes the tokens that follow if and only if each of them is the likeliest given the true ones before it, so that nothing need be generated
    /// to know. A token that is as likely as another one counts. Twice the work of <see cref="Score"/>.</remarks>
    public IReadOnlyList<IReadOnlyList<bool[]>> Foretells(IReadOnlyList<ReadOnlyMemory<byte>> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        var own = _scorer.Score(Groups(), documents, normalise: false);
        CheckFinite(own);
        var likeliest = _scorer.Score(Groups(), documents, normalise: false, likeliest: true);
        return [.. own.Zip(likeliest, (mine, most) => Equal(mine.LogProbabilities, most.LogProbabilities))];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _scorer.Dispose();
        _family.Dispose();
    }

    /// <inheritdoc/>
    private protected override void DropDerived()
    {
        foreach (var group in (_groups ?? []).Concat(_average ?? []))
        {
            group.Dispose();
        }

        (_groups, _average) = (null, null);
    }

    private bool[][] Equal(float[] own, float[] most)
    {
        var tokens = own.Length / Count;
        return [.. Enumerable.Range(0, Count).Select(c => Enumerable.Range(c * tokens, tokens).Select(i => own[i].Equals(most[i])).ToArray())];
    }

    private DocumentScore Joined(float[] own, float[] normalisers, float[]? average, IReadOnlyCollection<AggregationRule> rules)
    {
        var tokens = own.Length / Count;
        var joined = new Dictionary<AggregationRule, float[]>();
        foreach (var rule in rules)
        {
            if (rule == AggregationRule.WeightAverage)
            {
                joined[rule] = average!;
                continue;
            }

            joined[rule] = new float[tokens];
            LanguageAggregator.Score(rule, own, normalisers, joined[rule]);
        }

        return new DocumentScore([.. Enumerable.Range(0, Count).Select(c => own.AsSpan(c * tokens, tokens).ToArray())], joined);
    }

    private void Check(AggregationRule rule)
    {
        if (!_rules.Contains(rule))
        {
            throw new ArgumentException($"The rule {rule} does not apply to this recipe; allowed: {string.Join(", ", _rules)}.", nameof(rule));
        }
    }

    private void CheckFinite((float[] LogProbabilities, float[] Normalisers)[] answers)
    {
        foreach (var (logProbabilities, _) in answers)
        {
            var at = Array.FindIndex(logProbabilities, value => !float.IsFinite(value));
            if (at >= 0)
            {
                throw Diverged(Shards[at / (logProbabilities.Length / Count)]);
            }
        }
    }

    private IReadOnlyList<DecoderGroup> Groups() =>
        _groups ??= Count > 0 ? DecoderGroup.Cut(_family, Weights, _groupSize) : throw new InvalidOperationException("There is no constituent.");

    private IReadOnlyList<DecoderGroup> Average() => _average ??= Count > 0 ? [DecoderGroup.Mean(_family, [.. Weights], Device)] : throw new InvalidOperationException("There is no constituent.");
}
