using System.Buffers.Binary;
using Sisa.Training;

namespace Sisa.Readers.Formats;

/// <summary>IDX in the form of MNIST: a file of images, and a file of labels beside it.</summary>
/// <remarks>Images are unsigned bytes with dimensions (images, height, width), or (images, channels, height, width) for more than one
/// channel; the label of an image is the index of a declared label. The fields are <c>label</c> and <c>row</c>.</remarks>
internal sealed class IdxSource : IRowSource
{
    /// <summary>The label.</summary>
    public const string LabelField = "label";

    private static readonly string[] _fields = [LabelField, "row"];

    private readonly Stream _images;
    private readonly CorpusFile? _labels;
    private readonly string _name;
    private readonly byte[] _pixels;
    private readonly int[] _slots;
    private readonly long _count;
    private long _row;

    /// <summary>Opens the source.</summary>
    /// <param name="stream">Content of the images' file; owned from now on.</param>
    /// <param name="name">The images' file.</param>
    /// <param name="map">The mapped fields.</param>
    /// <param name="recipe">Declares the pixels and the labels' file.</param>
    /// <param name="forPrediction">Whether the labels' file may be absent.</param>
    /// <exception cref="CorpusException">The header is invalid, or the labels do not belong to the images.</exception>
    public IdxSource(Stream stream, string name, FieldMap map, Recipe recipe, bool forPrediction)
    {
        if (recipe.Features.Pixels is not { } pixels)
        {
            throw new CorpusException("The file holds images, and the recipe declares no pixels.", "Declare features.pixels with height and width.", name);
        }

        _images = stream;
        _name = name;
        _slots = Columns.Match(map, _fields, name, "An IDX file has the fields");
        _pixels = new byte[pixels.Height * pixels.Width * pixels.Channels];
        var dimensions = ReadHeader(stream, name, "images");
        int[] expected = pixels.Channels == 1 ? [pixels.Height, pixels.Width] : [pixels.Channels, pixels.Height, pixels.Width];
        if (!dimensions.AsSpan(1).SequenceEqual(expected))
        {
            throw new CorpusException(
                $"The images have the shape {Shape(dimensions.AsSpan(1))}; the recipe declares {Shape(expected)}.",
                "Correct features.pixels in the recipe.",
                name);
        }

        _count = dimensions[0];
        if (_slots[0] >= 0)
        {
            _labels = OpenLabels(recipe.Corpus, forPrediction);
        }
    }

    /// <inheritdoc/>
    public bool Next(FieldRow row)
    {
        if (_row == _count)
        {
            Finish(_images, _name);
            if (_labels is not null)
            {
                Finish(_labels.Content, _labels.Name);
                if (_labels.HasChanged)
                {
                    throw _labels.Changed();
                }
            }

            return false;
        }

        row.Clear(++_row);
        var read = _images.ReadAtLeast(_pixels, _pixels.Length, throwOnEndOfStream: false);
        if (read < _pixels.Length)
        {
            throw new CorpusException(
                $"The file ends within image {_row} of the {_count} that its header declares.",
                "Copy or download the file again.",
                _name,
                _row);
        }

        row.Pixels = _pixels;
        if (_slots[1] >= 0)
        {
            row.Set(_slots[1], FieldKind.Number, _row.ToString());
        }

        if (_labels is not null)
        {
            var label = _labels.Content.ReadByte();
            if (label < 0)
            {
                throw new CorpusException($"The file ends before label {_row} of {_count}.", "Copy or download the file again.", _labels.Name, _row);
            }

            row.LabelIndex = label;
            row.Set(_slots[0], FieldKind.Number, label.ToString());
        }

        return true;
    }

    /// <summary>Reads the header of an IDX file.</summary>
    /// <param name="stream">Its content.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="what">The expected content, for messages.</param>
    /// <returns>The dimensions, the first being the number of items.</returns>
    /// <exception cref="CorpusException">Not IDX, or not of unsigned bytes.</exception>
    public static int[] ReadHeader(Stream stream, string name, string what)
    {
        var bytes = new byte[4];
        Need(stream, bytes, name);
        if (bytes[0] != 0 || bytes[1] != 0 || bytes[3] is 0 or > 4)
        {
            throw new CorpusException(
                $"The file begins with {Convert.ToHexStringLower(bytes)}, expected an IDX file of {what} (00000803 for images, 00000801 for labels).",
                "Check that the file is what its name says.",
                name);
        }

        if (bytes[2] != 8)
        {
            throw new CorpusException($"The elements are of type {bytes[2]:x2}, expected unsigned bytes (08).", "Convert the file to unsigned bytes.", name);
        }

        var dimensions = new int[bytes[3]];
        for (var i = 0; i < dimensions.Length; i++)
        {
            Need(stream, bytes, name);
            dimensions[i] = BinaryPrimitives.ReadInt32BigEndian(bytes);
            if (dimensions[i] < 0)
            {
                throw new CorpusException($"Dimension {i + 1} is {dimensions[i]}, expected a positive number.", "Copy or download the file again.", name);
            }
        }

        return dimensions;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _labels?.Dispose();
        _images.Dispose();
    }

    private CorpusFile? OpenLabels(CorpusOptions options, bool forPrediction)
    {
        var path = LabelsPath(options);
        if (path is null || !File.Exists(path))
        {
            return forPrediction
                ? null
                : throw new CorpusException(
                    path is null ? "The name of the file does not tell the name of its labels." : $"There is no file {path} with the labels of these images.",
                    "Name it in the recipe: corpus.labels, relative to the images' folder.",
                    _name);
        }

        if (LeadsElsewhere(path))
        {
            throw new CorpusException($"The file {path} with the labels of these images is a link that leads out of their folder.", "Replace the link by the file.", _name);
        }

        var labels = CorpusFile.Open(path);
        try
        {
            var dimensions = ReadHeader(labels.Content, path, "labels");
            return dimensions.Length == 1 && dimensions[0] == _count
                ? labels
                : throw new CorpusException($"The file holds {Shape(dimensions)} labels for {Counted.Of(_count, "image")}.", "Name the labels that belong to these images: corpus.labels.", path);
        }
        catch
        {
            labels.Dispose();
            throw;
        }
    }

    // Both may be links into one folder, as caches of data sets have them.
    private bool LeadsElsewhere(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(_name))!;
        if (NamedPath.LinkTo(folder, Path.GetFullPath(path)) is null)
        {
            return false;
        }

        var images = new FileInfo(_name).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? _name;
        var labels = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        return Path.GetDirectoryName(Path.GetFullPath(labels)) is not { } target || (target != folder && target != Path.GetDirectoryName(Path.GetFullPath(images)));
    }

    private string? LabelsPath(CorpusOptions options)
    {
        var folder = Path.GetDirectoryName(_name) ?? string.Empty;
        var file = Path.GetFileName(_name);
        if (options.LabelsFile is { } declared && (options.ImagesFile is null || Path.GetFileName(options.ImagesFile) == file))
        {
            return Path.Combine(folder, declared);
        }

        var derived = file.Replace("images-idx3", "labels-idx1", StringComparison.Ordinal).Replace("images.idx3", "labels.idx1", StringComparison.Ordinal)
            .Replace("images-idx4", "labels-idx1", StringComparison.Ordinal);
        if (derived == file)
        {
            return null;
        }

        // The images may be compressed and the labels not, or the other way round.
        var path = Path.Combine(folder, derived);
        var bare = CorpusFile.WithoutGzip(path);
        var other = bare == path ? path + ".gz" : bare;
        return !File.Exists(path) && File.Exists(other) ? other : path;
    }

    private static void Finish(Stream stream, string name)
    {
        if (stream.ReadByte() >= 0)
        {
            throw new CorpusException("The file is longer than its header says.", "Copy or download the file again.", name);
        }
    }

    private static void Need(Stream stream, byte[] bytes, string name)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw new CorpusException("The file ends within its header.", "Copy or download the file again.", name);
        }
    }

    private static string Shape(ReadOnlySpan<int> dimensions) => string.Join(" × ", dimensions.ToArray());
}
