using Sisa.Sharding;

namespace Sisa.TestKit;

/// <summary>Compares checkpoints, byte for byte.</summary>
public static class StoreAssert
{
    /// <summary>Every difference between two sets of checkpoint files; empty when there is none.</summary>
    public static IReadOnlyList<string> Differences(IReadOnlyDictionary<Placement, byte[]> expected, IReadOnlyDictionary<Placement, byte[]> actual) =>
    [
        .. expected.Keys.Union(actual.Keys).Order()
            .Where(place => !expected.TryGetValue(place, out var a) || !actual.TryGetValue(place, out var b) || !a.AsSpan().SequenceEqual(b))
            .Select(place => $"{place} differs ({(expected.ContainsKey(place) ? "there" : "absent")}, {(actual.ContainsKey(place) ? "there" : "absent")})"),
    ];
}
