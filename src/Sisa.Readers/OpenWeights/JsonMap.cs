using System.Text.Json;

namespace Sisa.Readers.OpenWeights;

/// <summary>An object in an untrusted JSON file, read key by key, each with its allowed values.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="element">The object.</param>
/// <param name="prefix">Keys above it, each followed by a dot.</param>
internal sealed class JsonMap(string path, JsonElement element, string prefix = "")
{
    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Keys and values in the file's order.</summary>
    public IEnumerable<(string Key, JsonElement Value)> Entries => element.EnumerateObject().Select(entry => (entry.Name, entry.Value));

    /// <summary>Whether the key is there with another value than <c>null</c>.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>Whether the key is there with the value <c>null</c>.</summary>
    public bool IsNull(string key) => element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>A value other than <c>null</c>, or <see langword="null"/> if there is none.</summary>
    public JsonElement? Find(string key) => element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>An object under a key, or <see langword="null"/> if there is none.</summary>
    public JsonMap? Map(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new JsonMap(path, value, $"{prefix}{key}."),
        var other => throw Refuse(key, other.Value, "an object"),
    };

    /// <summary>Entries of a list under a key; none where it is missing.</summary>
    public IReadOnlyList<JsonElement> List(string key) => Find(key) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } value => [.. value.EnumerateArray()],
        var other => throw Refuse(key, other.Value, "a list"),
    };

    /// <summary>An object in a list under a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="index">Its place in the list.</param>
    /// <param name="value">The entry.</param>
    public JsonMap Entry(string key, int index, JsonElement value) =>
        value.ValueKind == JsonValueKind.Object ? new JsonMap(path, value, $"{prefix}{key}[{index}].") : throw Refuse($"{key}[{index}]", value, "an object");

    /// <summary>A whole number that must be there.</summary>
    public int Integer(string key, int min, int max) => OptionalInteger(key, min, max) ?? throw Missing(key, $"a whole number from {min} to {max}");

    /// <summary>A whole number, or <see langword="null"/> if there is none.</summary>
    public int? OptionalInteger(string key, int min, int max) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) && number >= min && number <= max => number,
        var other => throw Refuse(key, other.Value, $"a whole number from {min} to {max}"),
    };

    /// <summary>A number within bounds, or a default where there is none.</summary>
    public double Number(string key, double min, double max, double standard) => Find(key) switch
    {
        null => standard,
        { ValueKind: JsonValueKind.Number } value when value.TryGetDouble(out var number) && number >= min && number <= max => number,
        var other => throw Refuse(key, other.Value, min > 0 && min <= double.Epsilon ? $"a number above 0, up to {max:R}" : $"a number from {min:R} to {max:R}"),
    };

    /// <summary>True or false, or a default where there is none.</summary>
    public bool Truth(string key, bool standard) => Find(key) switch
    {
        null => standard,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        var other => throw Refuse(key, other.Value, "true or false"),
    };

    /// <summary>A text, or <see langword="null"/> if there is none.</summary>
    public string? Text(string key) => Find(key) is { } value ? TextOf(key, value) : null;

    /// <summary>A value as text.</summary>
    public string TextOf(string key, JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Refuse(key, value, "a text");
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, which no UTF-8 can say.
            throw Refuse(key, value, "a text");
        }
    }

    /// <summary>The exception for a value that is not allowed.</summary>
    public OpenWeightsException Refuse(string key, JsonElement value, string allowed, string? hint = null) => Refuse(key, JsonShown.Of(value), allowed, hint);

    /// <summary>The exception for a value that is not allowed.</summary>
    public OpenWeightsException Refuse(string key, string found, string allowed, string? hint = null) =>
        new($"{path}: {prefix}{key} is {found}; allowed: {allowed}.", hint ?? "Choose open weights with this value, in the format of their publisher.");

    /// <summary>The exception for a key that must be there.</summary>
    public OpenWeightsException Missing(string key, string allowed) =>
        new($"{path}: {prefix}{key} is missing; expected {allowed}.", "Get the file again from its publisher.");
}
