using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sisa.Corpora;

/// <summary>A format of corpus files, by its name. Sisa.Readers knows which of them can be read.</summary>
/// <remarks>The default value is no format.</remarks>
[JsonConverter(typeof(CorpusFormatConverter))]
public readonly record struct CorpusFormat
{
    private const int MaxLength = 40;

    private CorpusFormat(string name) => Name = name;

    /// <summary>One JSON object a line.</summary>
    public static CorpusFormat Jsonl { get; } = new("jsonl");

    /// <summary>Comma-separated values, RFC 4180; tab-separated for <c>.tsv</c>.</summary>
    public static CorpusFormat Csv { get; } = new("csv");

    /// <summary>Apache Parquet.</summary>
    public static CorpusFormat Parquet { get; } = new("parquet");

    /// <summary>Plain UTF-8 text.</summary>
    public static CorpusFormat Text { get; } = new("text");

    /// <summary>IDX in the form of MNIST: images, with labels in a file beside them.</summary>
    public static CorpusFormat Idx { get; } = new("idx");

    /// <summary>Its name in recipes.</summary>
    public string Name { get; }

    /// <summary>A format by its name.</summary>
    /// <param name="name">Lower-case letters, digits and hyphens, up to 40.</param>
    /// <exception cref="FormatException">It is no such name.</exception>
    public static CorpusFormat Named(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= MaxLength && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            ? new CorpusFormat(name)
            : throw new FormatException($"{VisibleText.Of(name)} cannot be the name of a format: expected lower-case letters, digits and hyphens, up to {MaxLength}");
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Writes formats as their names.</summary>
internal sealed class CorpusFormatConverter : JsonConverter<CorpusFormat>
{
    /// <inheritdoc/>
    public override CorpusFormat Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? CorpusFormat.Named(reader.GetString()!) : throw new MalformedJsonException("a format is a text");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, CorpusFormat value, JsonSerializerOptions options) => writer.WriteStringValue(value.Name);
}
