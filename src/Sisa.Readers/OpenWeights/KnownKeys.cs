using System.Text.Json;

namespace Sisa.Readers.OpenWeights;

/// <summary>Which keys of an object in a foreign file are known. Every other key could change what is computed, and is refused by name.</summary>
/// <param name="changes">The possible effect of an unknown key, for messages.</param>
internal sealed class KnownKeys(string changes)
{
    private readonly Dictionary<string, string[]> _neutral = new(StringComparer.Ordinal);

    /// <summary>Keys that this program reads.</summary>
    public IReadOnlyCollection<string> Used { get; init; } = [];

    /// <summary>Keys that change nothing, whatever their value; <c>docs/open-weights.md</c> says why.</summary>
    public IReadOnlyCollection<string> Harmless { get; init; } = [];

    /// <summary>Keys that would change the computation, each with the JSON values under which it does not; <c>null</c> is always one of them.</summary>
    public IReadOnlyDictionary<string, string[]> Neutral
    {
        get => _neutral;
        init => _neutral = new(value, StringComparer.Ordinal);
    }

    /// <summary>Refuses an object with an unknown key, or with a value that would change the computation.</summary>
    /// <param name="map">The object.</param>
    /// <param name="hint">The remedy; by default the remedy for any key.</param>
    /// <exception cref="OpenWeightsException">There is one.</exception>
    public void RefuseOthers(JsonMap map, string? hint = null)
    {
        foreach (var (key, value) in map.Entries)
        {
            if (Used.Contains(key) || Harmless.Contains(key) || value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            if (!Neutral.TryGetValue(key, out var neutral))
            {
                throw map.Refuse(key, JsonShown.Of(value), $"no key that Sisa does not know, because it may change {changes}", hint ?? "If the key changes nothing, remove it from a copy of the folder. If it does, choose another base.");
            }

            if (!neutral.Any(allowed => IsSame(value, allowed)))
            {
                throw map.Refuse(key, JsonShown.Of(value), string.Join(" or ", neutral), hint);
            }
        }
    }

    private static bool IsSame(JsonElement value, string allowed)
    {
        using var expected = JsonDocument.Parse(allowed);
        try
        {
            return JsonElement.DeepEquals(value, expected.RootElement);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, which is the same as nothing.
            return false;
        }
    }
}
