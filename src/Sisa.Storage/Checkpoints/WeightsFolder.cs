using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Sisa.Checkpoints;
using Sisa.Storage.Files;

namespace Sisa.Storage.Checkpoints;

/// <summary>The tensors of the safetensors files of a folder, mapped into memory and found by name.</summary>
/// <remarks>The files are untrusted: headers are checked before they are used. Thread-safe for reading.</remarks>
public sealed class WeightsFolder : IDisposable
{
    private readonly List<MappedFile> _files = [];
    private readonly Dictionary<string, Found> _tensors = new(StringComparer.Ordinal);
    private readonly List<(string Path, IReadOnlyList<KeyValuePair<string, string>> Entries)> _metadata = [];
    private readonly string _folder;

    /// <summary>Opens files.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="files">Names of its safetensors files.</param>
    /// <exception cref="StoreException">A file is missing or no safetensors file, or two of them have a tensor of one name.</exception>
    public WeightsFolder(string folder, IEnumerable<string> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        _folder = folder;
        try
        {
            foreach (var name in files)
            {
                Open(Path.Combine(folder, name));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Names of the tensors.</summary>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>The <c>__metadata__</c> of each file, by its path.</summary>
    public IReadOnlyList<(string Path, IReadOnlyList<KeyValuePair<string, string>> Entries)> Metadata => _metadata;

    /// <summary>Path of the file that holds a tensor, and the tensor's shape.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public (string Path, IReadOnlyList<long> Shape) this[string name] => (_tensors[name].Path, _tensors[name].Layout.Shape);

    /// <summary>Checks that a tensor can be read, without reading it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Dimensions that it must have.</param>
    /// <exception cref="StoreException">There is none of that name, or it has another shape or an element type other than F32, F16 and BF16.</exception>
    public void Check(string name, IReadOnlyList<long> shape) => Find(name, shape);

    /// <summary>Checks that every element of a tensor is a finite number, as a 32-bit float. Reads all of it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Dimensions that it must have.</param>
    /// <exception cref="StoreException">There is none of that name, or it has another shape or an element type other than F32, F16 and BF16, or an element is NaN or infinite.</exception>
    public void CheckFinite(string name, IReadOnlyList<long> shape)
    {
        const int Step = 1 << 16;
        var found = Find(name, shape);
        var (size, count) = (SafetensorsHeader.ElementBytes(found.Layout.Type), shape.Aggregate(1L, (product, dimension) => product * dimension));
        var buffer = new float[(int)Math.Min(Step, count)];
        for (var first = 0L; first < count; first += Step)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(Step, count - first));
            Convert(found, found.File.Span(found.Start + (first * size), part.Length * size), part);
            RequireFinite(found, part, first);
        }
    }

    /// <summary>Copies a tensor as 32-bit floats.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Dimensions that it must have.</param>
    /// <param name="destination">Receives its elements, row-major.</param>
    /// <exception cref="StoreException">As for <see cref="CheckFinite"/>.</exception>
    public void Copy(string name, IReadOnlyList<long> shape, Span<float> destination)
    {
        var found = Find(name, shape);
        const int Step = 1 << 24;
        var size = SafetensorsHeader.ElementBytes(found.Layout.Type);
        for (var first = 0; first < destination.Length; first += Step)
        {
            var count = Math.Min(Step, destination.Length - first);
            Convert(found, found.File.Span(found.Start + ((long)first * size), count * size), destination.Slice(first, count));
            RequireFinite(found, destination.Slice(first, count), first);
        }
    }

    private Found Find(string name, IReadOnlyList<long> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (!_tensors.TryGetValue(name, out var found))
        {
            throw new StoreException($"{_folder} lacks the tensor '{name}', which config.json requires.", "Give a complete copy of the model, whose config.json and weights belong together.");
        }

        if (!found.Layout.Shape.SequenceEqual(shape))
        {
            throw new StoreException(
                $"{found.Path} has '{name}' with shape [{string.Join(", ", found.Layout.Shape)}]; config.json requires [{string.Join(", ", shape)}].",
                "Give a complete copy of the model, whose config.json and weights belong together.");
        }

        return found.Layout.Type is "F32" or "F16" or "BF16"
            ? found
            : throw new StoreException($"{found.Path} has '{name}' as {found.Layout.Type}, expected F32, F16 or BF16.", "Quantised weights are not supported. Give the full ones.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }

        _files.Clear();
    }

    private static void RequireFinite(Found tensor, ReadOnlySpan<float> values, long first)
    {
        if (FiniteCheck.IsFinite(values))
        {
            return;
        }

        var at = 0;
        while (float.IsFinite(values[at]))
        {
            at++;
        }

        throw new StoreException(
            $"{tensor.Path} has {(float.IsNaN(values[at]) ? "NaN" : "an infinite number")} in '{tensor.Layout.Name}' (element {first + at}), expected finite numbers.",
            "The weights are damaged, or their training diverged. Get the file again, or use another model.");
    }

    private static void Convert(Found tensor, ReadOnlySpan<byte> bytes, Span<float> destination)
    {
        switch (tensor.Layout.Type)
        {
            case "F32":
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(destination);
                break;
            case "F16":
                for (var i = 0; i < destination.Length; i++)
                {
                    destination[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]);
                }

                break;
            default:
                for (var i = 0; i < destination.Length; i++)
                {
                    // The upper half of a 32-bit float.
                    destination[i] = BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]) << 16);
                }

                break;
        }
    }

    private void Open(string path)
    {
        var file = new MappedFile(path);
        _files.Add(file);
        try
        {
            var json = SafetensorsHeader.JsonBytes(file.Span(0, (int)Math.Min(8, file.LengthBytes)), file.LengthBytes);
            var header = SafetensorsHeader.Parse(file.Span(8, json), file.LengthBytes - 8 - json);
            _metadata.Add((path, header.Metadata));
            foreach (var tensor in header.Tensors)
            {
                if (!_tensors.TryAdd(tensor.Name, new Found(file, path, tensor, 8 + json + tensor.Offset)))
                {
                    throw new StoreException($"{path} and {_tensors[tensor.Name].Path} both have a tensor '{tensor.Name}'.", "Keep one set of weights in the folder.");
                }
            }
        }
        catch (FormatException e)
        {
            throw new StoreException($"{path} is not a safetensors file: {PlainReason.Of(e)}.", "Give a complete copy of the model.", e);
        }
    }

    private sealed record Found(MappedFile File, string Path, TensorLayout Layout, long Start);
}
