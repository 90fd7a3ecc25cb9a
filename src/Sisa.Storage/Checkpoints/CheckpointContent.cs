using Sisa.Checkpoints;
using Sisa.Storage.Files;

namespace Sisa.Storage.Checkpoints;

/// <summary>A safetensors file whose digest has been verified, mapped into memory.</summary>
/// <remarks>Thread-safe for reading; tensor bytes are valid until <see cref="Dispose"/>.</remarks>
public sealed class CheckpointContent : IDisposable
{
    private readonly MappedFile _file;
    private readonly string _path;
    private readonly long _data;
    private readonly SafetensorsHeader _layout;

    internal CheckpointContent(MappedFile file, string path)
    {
        (_file, _path) = (file, path);
        try
        {
            var json = SafetensorsHeader.JsonBytes(file.Span(0, (int)Math.Min(8, file.LengthBytes)), file.LengthBytes);
            _data = 8 + json;
            _layout = SafetensorsHeader.Parse(file.Span(8, json), file.LengthBytes - _data);
        }
        catch (FormatException e)
        {
            throw new StoreException($"{path} is not a safetensors file: {PlainReason.Of(e)}.", "Give a file that Sisa wrote.", e);
        }

        Metadata = _layout.Metadata.ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>Metadata of the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors in file order.</summary>
    public IReadOnlyList<TensorLayout> Tensors => _layout.Tensors;

    /// <summary>The description of the checkpoint.</summary>
    /// <exception cref="StoreException">The file is not a checkpoint.</exception>
    public CheckpointHeader Header => CheckpointHeader.FromMetadata(Metadata, _path);

    /// <summary>Bytes of a tensor: little-endian, row-major.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="StoreException">The file has no such tensor, or one over 2 GiB.</exception>
    public ReadOnlyMemory<byte> Data(string name)
    {
        var tensor = Tensors.FirstOrDefault(t => t.Name == name)
            ?? throw new StoreException($"{_path} has no tensor '{name}'; it holds {string.Join(", ", Tensors.Take(10).Select(t => t.Name))}.", "The file belongs to another model.");
        return tensor.SizeBytes <= int.MaxValue
            ? _file.Memory(_data + tensor.Offset, (int)tensor.SizeBytes)
            : throw new StoreException($"Tensor '{name}' of {_path} has {Counted.Of(tensor.SizeBytes, "byte")}; at most 2 GiB are supported.", null);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
