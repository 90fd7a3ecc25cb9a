using System.Text.Json;
using System.Text.Unicode;

namespace Sisa.Readers.OpenWeights;

/// <summary>Reads small files of a folder of open weights. They are untrusted.</summary>
internal static class FolderFile
{
    /// <summary>Most bytes of <c>config.json</c> and its like: those in use have a few thousand.</summary>
    public const int MaxConfigBytes = 4 * 1024 * 1024;

    /// <summary>Most bytes of a vocabulary, its merges, or an index of weights.</summary>
    public const int MaxTableBytes = 64 * 1024 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    /// <summary>Whether a folder holds a file of that name.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">Name of the file.</param>
    public static bool IsThere(string folder, string name) => File.Exists(Path.Combine(folder, name));

    /// <summary>Reads a whole file.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">Name of the file.</param>
    /// <param name="maxBytes">More than that is refused before it is read.</param>
    /// <exception cref="OpenWeightsException">It is missing, too large, or cannot be read.</exception>
    public static byte[] Read(string folder, string name, int maxBytes)
    {
        var path = Path.Combine(folder, name);
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > maxBytes)
            {
                throw new OpenWeightsException($"{path} has {Counted.Of(stream.Length, "byte")}, allowed: up to {maxBytes}.", "Check that the content matches the name of the file.");
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OpenWeightsException($"{folder} holds no {name}.", "Copy the complete directory of the model, as its publisher offers it.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new OpenWeightsException($"{path} cannot be read: {PlainReason.Of(e)}.", "Check the file and your permission to read it.", e);
        }
    }

    /// <summary>Reads a file that holds one JSON object.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">Name of the file.</param>
    /// <param name="maxBytes">More than that is refused before it is read.</param>
    /// <exception cref="OpenWeightsException">It is missing, too large, or no JSON object in which every key is there once.</exception>
    public static JsonMap ReadJson(string folder, string name, int maxBytes = MaxConfigBytes)
    {
        var bytes = Read(folder, name, maxBytes).AsMemory();
        var path = Path.Combine(folder, name);
        try
        {
            if (bytes.Span.StartsWith("\uFEFF"u8))
            {
                bytes = bytes[3..];
            }

            if (!Utf8.IsValid(bytes.Span))
            {
                throw new MalformedJsonException("it is not valid UTF-8");
            }

            using var document = JsonDocument.Parse(bytes, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonMap(path, document.RootElement.Clone())
                : throw new OpenWeightsException($"{path} holds {JsonShown.Of(document.RootElement)}, expected a JSON object.", "Get the file again from its publisher.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A key with half of a surrogate pair is the second kind.
            throw new OpenWeightsException($"{path} is malformed: {PlainReason.Of(e)}.", "Get the file again from its publisher.", e);
        }
    }
}
