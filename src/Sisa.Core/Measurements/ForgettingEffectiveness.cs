namespace Sisa.Measurements;

/// <summary>How models treat forgotten items. Each item is shown to the one constituent of its shard; no other constituent ever saw it.</summary>
/// <remarks>Rounded to two places (the area to as many as distinguish it from 0 and 1), so that the figures reveal as little as possible about the items.</remarks>
public sealed record ForgettingEffectiveness
{
    /// <summary>Items measured; at most as many as were forgotten.</summary>
    public required long Items { get; init; }

    /// <summary>Their mean loss: −ln p(label), in nats.</summary>
    public required double Loss { get; init; }

    /// <summary>Unseen items that they are compared with: the recipe's evaluation data, without what the store holds or has forgotten.</summary>
    public required long Unseen { get; init; }

    /// <summary>Mean loss of the unseen items under the same constituents; <see langword="null"/> without unseen items.</summary>
    public double? UnseenLoss { get; init; }

    /// <summary>Area under the curve of membership inference by loss, from twenty items up: 0.5 is chance,
    /// 1 means that the models still give every item away.</summary>
    public double? MembershipAuc { get; init; }

    /// <summary>Lower end of its interval of 95 %; <see langword="null"/> without an area, and in what versions wrote that gave none.</summary>
    public double? MembershipLow { get; init; }

    /// <summary>Upper end of its interval.</summary>
    public double? MembershipHigh { get; init; }

    /// <summary>With fewer items: for each, the share of unseen items whose loss is higher, ascending.</summary>
    public IReadOnlyList<double>? LossRanks { get; init; }
}
