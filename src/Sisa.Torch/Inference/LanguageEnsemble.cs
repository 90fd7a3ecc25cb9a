using System.Runtime.InteropServices;
using Sisa.Aggregation;
using Sisa.Generation;
using Sisa.Models;
using Sisa.Storage.Checkpoints;
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
    private readonly TokenNumbers _tokens;
    private IReadOnlyList<DecoderGroup>? _groups;
    private IReadOnlyList<DecoderGroup>? _average;
    private long _changes;

    /// <summary>Creates an ensemble without constituents.</summary>
    /// <param name="recipe">The recipe of a language model; its device and numeric profile pin the process.</param>
    /// <exception cref="EnvironmentException">The device or a library is missing.</exception>
    public LanguageEnsemble(Recipe recipe)
        : base(recipe)
    {
        if (recipe.Task != TaskKind.LanguageModel)
        {
            throw new ArgumentException("The recipe is not that of a language model.", nameof(recipe));
        }

        _rules = LanguageAggregator.Rules(recipe);
        _tokens = ((SequenceModelOptions)recipe.Model).Tokens;
        _family = DecoderFamily.Create(recipe, Device);

        // Decide by the recipe: how much is computed at a time decides the last bits of answers.
        _groupSize = DocumentScorer.GroupSize(_family, recipe.Ensemble.Shards);
        _scorer = new DocumentScorer(_family, _tokens, _groupSize, Device);
    }

    /// <inheritdoc/>
    private protected override IReadOnlyList<ParameterSpec> Parameters => _family.Parameters;

    /// <summary>Scores documents under each constituent, and under the ensemble.</summary>
    /// <param name="documents">Encoded documents: tokens with their marks, as slices hold them.</param>
    /// <param name="rules">The aggregation rules of the answers; none for the constituents only.</param>
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

        var answers = _scorer.Score(Groups(), documents, Need(rules, AggregationNeeds.LogNormalisers));
        CheckFinite(answers);
        var averages = Need(rules, AggregationNeeds.AverageWeights) ? _scorer.Score(Average(), documents, normalise: false) : null;
        CheckFiniteAverage(averages?.Select(answer => answer.LogProbabilities) ?? []);
        return [.. answers.Select((answer, i) => Joined(answer.LogProbabilities, answer.Normalisers, averages?[i].LogProbabilities, rules))];
    }

    /// <summary>Which tokens of documents each constituent would have written itself, given those before it: what greedy generation goes on with.</summary>
    /// <param name="documents">Encoded documents: tokens with their marks, as slices hold them.</param>
    /// <returns>For each document and constituent, in the order of <see cref="LoadedConstituents.Shards"/>, whether each token but the first is the one that it draws at its place.</returns>
    /// <exception cref="InvalidOperationException">There is no constituent.</exception>
    /// <exception cref="StoreException">A document is not in the recipe's layout, or the training of a constituent diverged.</exception>
    /// <remarks>Greedy generation from a beginning writes the tokens that follow if and only if each of them is the one that it draws given the true ones before it, so nothing need be generated
    /// to know. <see cref="TokenSampler.Likeliest"/> decides here as there: of equally likely tokens the lowest number alone counts, and the mark before a text never does.</remarks>
    public IReadOnlyList<IReadOnlyList<bool[]>> Foretells(IReadOnlyList<ReadOnlyMemory<byte>> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        var drawn = _scorer.Score(Groups(), documents, normalise: false, greedy: true);
        CheckFinite(drawn);
        return [.. documents.Zip(drawn, (document, greedy) => Foretold(document, greedy.LogProbabilities))];
    }

    /// <summary>Writes on, token by token, for as long as the caller asks.</summary>
    /// <param name="prompt">The tokens of the beginning of a text, with the mark before it where the tokenizer has one; at least one.</param>
    /// <param name="rule">How the constituents' expectations are joined.</param>
    /// <param name="sampler">Draws the tokens; made for this text.</param>
    /// <returns>Token numbers. Lazy: a token is computed when it is asked for. The last one is the mark behind a text, if it comes.</returns>
    /// <exception cref="InvalidOperationException">There is no constituent, or constituents came or went since the text was begun.</exception>
    /// <exception cref="ArgumentException">The prompt is empty or holds a token number that does not exist, or the rule does not apply to the recipe.</exception>
    /// <exception cref="StoreException">The training of a constituent diverged.</exception>
    /// <remarks>
    /// The model looks back at the newest tokens, as many as its context has; a text that is longer is read again from them at every token. Posterior weights begin uniform and follow every token that
    /// was read, the prompt's newest tokens included. The mark before a text is never drawn. Same constituents, prompt, rule, options and environment: same tokens.
    /// </remarks>
    public IEnumerable<int> Generate(IReadOnlyList<int> prompt, AggregationRule rule, TokenSampler sampler)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(sampler);
        Check(rule);
        var vocabulary = _family.Shape.Vocabulary;
        if (prompt.Count == 0 || prompt.Any(token => token < 0 || token >= vocabulary))
        {
            throw new ArgumentException($"A prompt has one token or more, each from 0 to {vocabulary - 1}.", nameof(prompt));
        }

        // One model is left of averaged weights, whose mean is itself.
        return Need([rule], AggregationNeeds.AverageWeights)
            ? Continue(prompt, AggregationRule.MeanProbability, sampler, Average(), _changes)
            : Continue(prompt, rule, sampler, Groups(), _changes);
    }

    /// <summary>The constituents' expectations after the beginning of a text, without joining them.</summary>
    /// <param name="keepsCache">Whether keys and values are kept between tokens.</param>
    internal TextReading Read(bool keepsCache = true) => new(_family, Groups(), Device) { KeepsCache = keepsCache };

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
        _changes++;
    }

    private IEnumerable<int> Continue(IReadOnlyList<int> prompt, AggregationRule rule, TokenSampler sampler, IReadOnlyList<DecoderGroup> groups, long changes)
    {
        using var reading = new TextReading(_family, groups, Device);
        var posterior = Need([rule], AggregationNeeds.TextPosterior) ? new TextPosterior(reading.Constituents) : null;
        var joined = new float[_family.Shape.Vocabulary];
        RefuseChange(changes);
        reading.Read([.. prompt], posterior is null ? null : column => posterior.Observe(column));
        while (true)
        {
            if (ReferenceEquals(groups, _average))
            {
                CheckFiniteAverage([reading.Next]);
            }
            else
            {
                CheckFinite([(reading.Next, [])]);
            }

            LanguageAggregator.Predict(rule, reading.Next, posterior is null ? [] : posterior.LogWeights, joined);
            TokenSampler.Exclude(joined, _tokens);
            var token = sampler.Draw(joined);
            yield return token;
            if (token == _tokens.End)
            {
                yield break;
            }

            RefuseChange(changes);
            posterior?.Observe([.. Enumerable.Range(0, reading.Constituents).Select(c => reading.Next[(c * joined.Length) + token])]);
            reading.Read([token]);
        }
    }

    private void RefuseChange(long changes)
    {
        if (changes != _changes)
        {
            throw new InvalidOperationException("The constituents changed while a text was generated.");
        }
    }

    private bool[][] Foretold(ReadOnlyMemory<byte> document, float[] drawn)
    {
        var tokens = MemoryMarshal.Cast<byte, int>(document.Span).ToArray();
        var count = drawn.Length / Count;
        return [.. Enumerable.Range(0, Count).Select(c => Enumerable.Range(0, count).Select(i => (int)drawn[(c * count) + i] == tokens[i + 1]).ToArray())];
    }

    private DocumentScore Joined(float[] own, float[] normalisers, float[]? average, IReadOnlyCollection<AggregationRule> rules)
    {
        var tokens = own.Length / Count;
        var joined = new Dictionary<AggregationRule, float[]>();
        foreach (var rule in rules)
        {
            if (Need([rule], AggregationNeeds.AverageWeights))
            {
                joined[rule] = average!;
                continue;
            }

            joined[rule] = new float[tokens];
            LanguageAggregator.Score(rule, own, normalisers, joined[rule]);
        }

        return new DocumentScore([.. Enumerable.Range(0, Count).Select(c => own.AsSpan(c * tokens, tokens).ToArray())], joined);
    }

    private static bool Need(IEnumerable<AggregationRule> rules, AggregationNeeds needs) => rules.Any(rule => AggregationTable.Of(rule).Needs.HasFlag(needs));

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
                throw Diverged(Shards[(int)((long)at * Count / logProbabilities.Length)]);
            }
        }
    }

    // The mean of finite weights may still give answers that are not numbers.
    private static void CheckFiniteAverage(IEnumerable<float[]> answers)
    {
        if (answers.Any(answer => !FiniteCheck.IsFinite(answer)))
        {
            throw new StoreException("The mean of the constituents' weights gives probabilities that are not finite.", $"Choose another aggregation rule: give {Step.ChooseAggregation}.");
        }
    }

    private IReadOnlyList<DecoderGroup> Groups() =>
        _groups ??= Count > 0 ? DecoderGroup.Cut(_family, Weights, _groupSize) : throw new InvalidOperationException("There is no constituent.");

    private IReadOnlyList<DecoderGroup> Average() => _average ??= Count > 0 ? [DecoderGroup.Mean(_family, [.. Weights], Device)] : throw new InvalidOperationException("There is no constituent.");
}
