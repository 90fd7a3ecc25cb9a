using System.Text.Json.Serialization;
using Sisa.Aggregation;

namespace Sisa.Forgetting;

/// <summary>What was measured of a forgetting besides its cost: its effectiveness and the utility that is retained (Blanco-Justicia et al.).</summary>
/// <param name="Effectiveness">What the models make of the forgotten items; <see langword="null"/> where it was not measured.</param>
/// <param name="Utility">How good the ensemble is on held-out data; <see langword="null"/> where it was not measured.</param>
/// <param name="Language">Both of a language model, instead of the two; <see langword="null"/> of a classifier, or where it was not measured.</param>
public sealed record ForgettingMeasurements(
    ForgettingEffectiveness? Effectiveness = null,
    RetainedUtility? Utility = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] LanguageForgetting? Language = null);

/// <summary>What models make of forgotten items. Each item is shown to the one constituent whose shard it belonged to: no other ever saw it.</summary>
/// <remarks>Rounded to two places, so that the figures tell as little as possible about what the items were.</remarks>
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

        double[] ranks = [.. measured.SelectMany(s => MembershipInference.Ranks(s.Forgotten, [.. s.Unseen.Order()])).Order()];
        return figures with
        {
            UnseenLoss = Math.Round(measured.SelectMany(s => s.Unseen).Average(), Places),
            MembershipAuc = ranks.Length >= MembershipInference.MinItems ? Math.Round(ranks.Average(), Places) : null,
            LossRanks = ranks.Length >= MembershipInference.MinItems ? null : [.. ranks.Select(rank => Math.Round(rank, Places))],
        };
    }
}

/// <summary>How good the ensemble is after a forgetting.</summary>
/// <param name="Figures">Its figures on the recipe's evaluation data.</param>
/// <param name="LeftOut">Rows of that data that are not held out: the store holds them, or was asked to forget them.</param>
public sealed record RetainedUtility(ClassificationFigures Figures, long LeftOut);
