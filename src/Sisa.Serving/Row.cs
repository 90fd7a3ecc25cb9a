using System.Text.Json;

namespace Sisa.Serving;

/// <summary>A row to be answered: values under the names of the fields that the recipe maps. Texts, numbers, truth values, and lists of numbers.</summary>
/// <remarks>It means what the same JSON object means as a line of a corpus file. <code>new Row { ["text"] = "the violin again" }</code></remarks>
public sealed class Row : Dictionary<string, object?>
{
    /// <summary>Makes an empty row.</summary>
    public Row()
        : base(StringComparer.Ordinal)
    {
    }

    /// <summary>The row as a line of JSON.</summary>
    /// <exception cref="NotSupportedException">A value has a type that JSON does not know.</exception>
    public byte[] ToJsonLine() => [.. JsonSerializer.SerializeToUtf8Bytes<Dictionary<string, object?>>(this), (byte)'\n'];
}
