using System.Text.Json.Serialization;
using Sisa.Aggregation;
using Sisa.Memorization;

namespace Sisa.Forgetting;

/// <summary>What was measured of a forgetting besides its cost: its effectiveness and the utility that is retained (Blanco-Justicia et al.).</summary>
/// <param name="Effectiveness">What the models make of the forgotten items; <see langword="null"/> where it was not measured.</param>
/// <param name="Utility">How good the ensemble is on held-out data; <see langword="null"/> where it was not measured.</param>
/// <param name="Language">Both of a language model, instead of the two; <see langword="null"/> of a classifier, or where it was not measured.</param>
/// <param name="Absent">Which of the three cannot be given, and why; <see langword="null"/> where none is missing, and in what versions wrote that did not say.</param>
public sealed record ForgettingMeasurements(
    ForgettingEffectiveness? Effectiveness = null,
    RetainedUtility? Utility = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] LanguageForgetting? Language = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<AbsentFigure>? Absent = null)
{
    /// <summary>The measurements of a classifier.</summary>
    /// <param name="effectiveness">What the models make of the forgotten items; <see langword="null"/> where none of them has a model.</param>
    /// <param name="utility">How good the ensemble is; <see langword="null"/> where there are no unseen items.</param>
    /// <param name="whyNoUnseen">Why there are no unseen items; not looked at where there are.</param>
    public static ForgettingMeasurements OfClassifier(ForgettingEffectiveness? effectiveness, RetainedUtility? utility, AbsenceReason whyNoUnseen)
    {
        AbsentFigure[] absent =
        [
            .. effectiveness is null ? [new AbsentFigure("effectiveness", AbsenceReason.NoModel)] : Array.Empty<AbsentFigure>(),
            .. utility is null ? [new AbsentFigure("utility", whyNoUnseen)] : Array.Empty<AbsentFigure>(),
        ];
        return new ForgettingMeasurements(effectiveness, utility, Absent: absent.Length > 0 ? absent : null);
    }

    /// <summary>What is said where nothing could be measured.</summary>
    /// <param name="isLanguageModel">Whether the models are language models.</param>
    /// <param name="reason">Why.</param>
    public static ForgettingMeasurements None(bool isLanguageModel, AbsenceReason reason) =>
        new(Absent: [.. (isLanguageModel ? new[] { "language" } : ["effectiveness", "utility"]).Select(figure => new AbsentFigure(figure, reason))]);
}

/// <summary>What models make of forgotten items. Each item is shown to the one constituent whose shard it belonged to: no other ever saw it.</summary>
/// <remarks>Rounded to two places (the area to as many as it takes to tell it from 0 and 1), so that the figures tell as little as possible about what the items were.</remarks>
public sealed record ForgettingEffectiveness
{
    private const int Places = 2;

    /// <summary>Items measured; at most as many as were forgotten.</summary>
    public required long Items { get; init; }

    /// <summary>Their mean loss: −ln p(label), in nats.</summary>
    public required double Loss { get; init; }

    /// <summary>Unseen items that they are compared with: the recipe's evaluation data, without what the store holds or has forgotten.</summary>
    public required long Unseen { get; init; }

    /// <summary>Mean loss of the unseen items under the same constituents; <see langword="null"/> without unseen items.</summary>
    public double? UnseenLoss { get; init; }

    /// <summary>Area under the curve of membership inference by loss, from <see cref="MembershipInference.MinItems"/> items up: 0.5 is chance,
    /// 1 means that the models still give every item away.</summary>
    public double? MembershipAuc { get; init; }

    /// <summary>Lower end of its interval (<see cref="ScoreInterval.OfArea"/>); <see langword="null"/> without an area, and in what versions wrote that gave none.</summary>
    public double? MembershipLow { get; init; }

    /// <summary>Upper end of its interval.</summary>
    public double? MembershipHigh { get; init; }

    /// <summary>With fewer items: for each, the share of unseen items whose loss is higher, ascending.</summary>
    public IReadOnlyList<double>? LossRanks { get; init; }

    /// <summary>Makes the figures of items that were shown to the constituents of their shards.</summary>
    /// <param name="shards">For each shard, the losses of its forgotten items, and of the unseen items under the same constituent.</param>
    /// <returns>The figures; <see langword="null"/> for no items.</returns>
    public static ForgettingEffectiveness? Of(IEnumerable<(IReadOnlyList<double> Forgotten, IReadOnlyList<double> Unseen)> shards)
    {
        var measured = shards.Where(s => s.Forgotten.Count > 0).ToArray();
        double[] losses = [.. measured.SelectMany(s => s.Forgotten)];
        if (losses.Length == 0)
        {
            return null;
        }

        var unseen = measured.Max(s => s.Unseen.Count);
        var figures = new ForgettingEffectiveness { Items = losses.Length, Loss = Math.Round(losses.Average(), Places), Unseen = unseen };
        if (unseen == 0)
        {
            return figures;
        }

        MembershipGroup[] groups = [.. measured.Select(s => new MembershipGroup(s.Forgotten, s.Unseen))];
        figures = figures with { UnseenLoss = Math.Round(measured.SelectMany(s => s.Unseen).Average(), Places) };
        if (losses.Length < MembershipInference.MinItems)
        {
            return figures with { LossRanks = [.. MembershipInference.RanksOf(groups).Select(rank => Math.Round(rank, Places))] };
        }

        var auc = MembershipInference.Auc(groups).RoundShare(Places);
        return figures with { MembershipAuc = auc.Value, MembershipLow = auc.Low, MembershipHigh = auc.High };
    }
}

/// <summary>How good the ensemble is after a forgetting.</summary>
/// <param name="Figures">Its figures on the recipe's evaluation data.</param>
/// <param name="LeftOut">Rows of that data that are not held out: the store holds them, or was asked to forget them.</param>
public sealed record RetainedUtility(ClassificationFigures Figures, long LeftOut);
