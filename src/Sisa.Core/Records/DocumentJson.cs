using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sisa.Training;

namespace Sisa.Records;

/// <summary>JSON for readers outside the program: what commands print, what exports hold. Camel case, enumerations in kebab case, every script readable, no nulls.</summary>
/// <remarks>Digests and signatures are taken over <see cref="RecordJson"/>, never over this.</remarks>
public static class DocumentJson
{
    /// <summary>A document over several lines. Read-only.</summary>
    public static JsonSerializerOptions Options { get; } = Create(isIndented: true);

    /// <summary>The same on one line, for streams. Read-only.</summary>
    public static JsonSerializerOptions LineOptions { get; } = Create(isIndented: false);

    private static JsonSerializerOptions Create(bool isIndented) => new(RecipeJson.Options)
    {
        WriteIndented = isIndented,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };
}
