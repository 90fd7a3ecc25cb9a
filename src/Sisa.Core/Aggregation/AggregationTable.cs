using Sisa.Training;

namespace Sisa.Aggregation;

/// <summary>How constituents' outputs are joined. None is trained.</summary>
public enum AggregationRule
{
    /// <summary>The label that most constituents prefer; ties go to the higher mean probability.</summary>
    MajorityVote,

    /// <summary>Mean of the probabilities.</summary>
    MeanProbability,

    /// <summary>Normalised geometric mean of the probabilities.</summary>
    LogMean,

    /// <summary>Language models: mean of the probabilities, each constituent weighted by how well it explained the text so far, from a uniform prior
    /// (Branch-Train-Merge: Li et al. 2022, section 2).</summary>
    PosteriorWeighted,

    /// <summary>Language models: one model whose weights are the means of the constituents', which must have started from one initial state.</summary>
    WeightAverage,
}

/// <summary>Every rule by which constituents are joined, once: the recipe's keys, its rules and the aggregators read this table.</summary>
/// <remarks>Pure and thread-safe.</remarks>
public static class AggregationTable
{
    /// <summary>The rules in the order of <see cref="AggregationRule"/>.</summary>
    public static IReadOnlyList<AggregationMethod> All { get; } =
    [
        new(AggregationRule.MajorityVote) { Classes = Aggregator.Vote },
        new(AggregationRule.MeanProbability) { Classes = Aggregator.MeanProbability, Tokens = LanguageAggregator.MeanProbability },
        new(AggregationRule.LogMean) { Classes = Aggregator.LogMean, Tokens = LanguageAggregator.LogMean, Needs = AggregationNeeds.LogNormalisers },
        new(AggregationRule.PosteriorWeighted) { Tokens = LanguageAggregator.Weighted, Needs = AggregationNeeds.TextPosterior },

        // Of averaged weights one model is left, whose mean is itself.
        new(AggregationRule.WeightAverage) { Tokens = LanguageAggregator.MeanProbability, Needs = AggregationNeeds.AverageWeights },
    ];

    /// <summary>The row of a rule.</summary>
    /// <param name="rule">A declared rule.</param>
    /// <exception cref="ArgumentOutOfRangeException">The table lacks it.</exception>
    public static AggregationMethod Of(AggregationRule rule)
    {
        foreach (var method in All)
        {
            if (method.Rule == rule)
            {
                return method;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(rule), rule, "Unknown aggregation rule.");
    }

    /// <summary>The rules that apply to a task.</summary>
    /// <param name="task">The task.</param>
    public static IEnumerable<AggregationMethod> For(TaskKind task) => All.Where(method => method.AppliesTo(task));
}

/// <summary>One rule: its name, the tasks it applies to, what it needs, and how it joins.</summary>
/// <param name="Rule">The rule.</param>
public sealed record AggregationMethod(AggregationRule Rule)
{
    /// <summary>Its name in recipes and on the command line.</summary>
    public string Name => KebabName.Of(Rule);

    /// <summary>Further input that it needs, besides the answers of the constituents.</summary>
    public AggregationNeeds Needs { get; init; }

    /// <summary>How it joins the classes of an item; <see langword="null"/> if it does not apply to classifiers.</summary>
    internal ClassJoiner? Classes { get; init; }

    /// <summary>How it joins the log-probabilities of a token; <see langword="null"/> if it does not apply to language models.</summary>
    internal TokenJoiner? Tokens { get; init; }

    /// <summary>Whether it applies to a task.</summary>
    /// <param name="task">The task.</param>
    public bool AppliesTo(TaskKind task) => task == TaskKind.LanguageModel ? Tokens is not null : Classes is not null;

    /// <summary>Whether it applies to a recipe as that is trained.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <remarks>Weights that started apart are not different estimates of the same thing: their mean is no model.</remarks>
    public bool AppliesTo(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return AppliesTo(recipe.Task) && (!Needs.HasFlag(AggregationNeeds.AverageWeights) || recipe.Training.Init == InitKind.Shared);
    }
}

/// <summary>Further input of a rule, besides the answers of the constituents.</summary>
[Flags]
public enum AggregationNeeds
{
    /// <summary>No further input.</summary>
    None = 0,

    /// <summary>For each token, the normaliser that makes a geometric mean a distribution (<see cref="LanguageAggregator.LogNormaliser"/>).</summary>
    LogNormalisers = 1,

    /// <summary>How well each constituent explained the text so far (<see cref="TextPosterior"/>).</summary>
    TextPosterior = 2,

    /// <summary>The answers of one model with the mean of all weights, instead of those of the constituents. They must have started from one initial state.</summary>
    AverageWeights = 4,
}

/// <summary>Joins the classes of one item.</summary>
/// <param name="probabilities">Row-major [constituents, classes].</param>
/// <param name="joined">Receives one number a class.</param>
/// <returns>The chosen class.</returns>
internal delegate int ClassJoiner(ReadOnlySpan<float> probabilities, Span<float> joined);

/// <summary>Joins what constituents say of one token.</summary>
/// <param name="logProbabilities">Its log-probability under each constituent.</param>
/// <param name="logNormaliser">See <see cref="AggregationNeeds.LogNormalisers"/>; 0 where the rule needs none.</param>
/// <param name="logWeights">See <see cref="AggregationNeeds.TextPosterior"/>; empty where the rule needs none.</param>
/// <returns>Its log-probability under the ensemble.</returns>
internal delegate double TokenJoiner(ReadOnlySpan<float> logProbabilities, double logNormaliser, ReadOnlySpan<double> logWeights);
