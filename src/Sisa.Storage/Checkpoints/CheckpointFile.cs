using System.Security.Cryptography;
using Sisa.Checkpoints;
using Sisa.Storage.Files;

namespace Sisa.Storage.Checkpoints;

/// <summary>One tensor to be written.</summary>
/// <param name="Name">Name, dotted.</param>
/// <param name="Type">Element type as safetensors writes it.</param>
/// <param name="Shape">Dimensions; none for a scalar.</param>
/// <param name="Data">Elements, little-endian, row-major, contiguous.</param>
public sealed record TensorEntry(string Name, string Type, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Data);

/// <summary>A checkpoint file that is durable.</summary>
/// <param name="FileName">Name within its folder.</param>
/// <param name="Digest">SHA-256 of the file.</param>
/// <param name="Tensors">SHA-256 of the tensor bytes, in file order.</param>
/// <param name="SizeBytes">Size of the file.</param>
public sealed record CheckpointInfo(string FileName, Digest Digest, Digest Tensors, long SizeBytes);

/// <summary>Writes and reads checkpoints: safetensors files that are named by their digest.</summary>
/// <remarks>Thread-safe. No pickle; a file is hashed before it is parsed.</remarks>
public static class CheckpointFile
{
    /// <summary>Writes a checkpoint, durably.</summary>
    /// <param name="folder">Folder of the shard's checkpoints; created if need be.</param>
    /// <param name="header">The description of the checkpoint.</param>
    /// <param name="tensors">Weights and optimizer state, in a fixed order.</param>
    /// <exception cref="StorageIoException">It could not be written; nothing is left behind.</exception>
    public static CheckpointInfo Write(string folder, CheckpointHeader header, IReadOnlyList<TensorEntry> tensors)
    {
        ArgumentNullException.ThrowIfNull(header);
        DurableFile.CreateFolder(folder);
        return Write(folder, header.Stage + "-", header.ToMetadata(), tensors);
    }

    /// <summary>Writes any safetensors file under a name that its digest completes: PREFIX, 16 digits, <c>.safetensors</c>.</summary>
    /// <param name="folder">Folder that exists.</param>
    /// <param name="namePrefix">Start of the name.</param>
    /// <param name="metadata">Metadata in order.</param>
    /// <param name="tensors">Tensors in order.</param>
    /// <exception cref="StorageIoException">It could not be written; nothing is left behind.</exception>
    public static CheckpointInfo Write(
        string folder,
        string namePrefix,
        IReadOnlyList<KeyValuePair<string, string>> metadata,
        IReadOnlyList<TensorEntry> tensors) => Write(folder, digest => $"{namePrefix}{digest.ToString()[..16]}.safetensors", metadata, tensors);

    /// <summary>Writes any safetensors file under a name of its own.</summary>
    /// <param name="folder">Folder that exists.</param>
    /// <param name="name">The name, which may follow from the file's digest.</param>
    /// <param name="metadata">Metadata in order.</param>
    /// <param name="tensors">Tensors in order.</param>
    /// <exception cref="StorageIoException">It could not be written; nothing is left behind.</exception>
    public static CheckpointInfo Write(
        string folder,
        Func<Digest, string> name,
        IReadOnlyList<KeyValuePair<string, string>> metadata,
        IReadOnlyList<TensorEntry> tensors)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(tensors);
        var layouts = new List<TensorLayout>(tensors.Count);
        long offset = 0;
        foreach (var tensor in tensors)
        {
            layouts.Add(new TensorLayout(tensor.Name, tensor.Type, tensor.Shape, offset, tensor.Data.Length));
            offset += tensor.Data.Length;
        }

        var header = new SafetensorsHeader(metadata, layouts).ToBytes();
        ReadOnlyMemory<byte>[] parts = [header, .. tensors.Select(tensor => tensor.Data)];
        using var file = new DurableWriter(Path.Combine(folder, $"new-{Environment.ProcessId}-{Environment.CurrentManagedThreadId}{DurableFile.TemporarySuffix}"));

        // Two hashes and the disk take about as long as one another, so that they work side by side: no name is needed before the bytes are durable.
        using var fileHash = new BackgroundHash(parts);
        using var tensorHash = new BackgroundHash(parts[1..]);
        foreach (var part in parts)
        {
            file.Write(part.Span);
        }

        file.Flush();
        var digest = fileHash.Wait();
        var fileName = name(digest);
        file.Publish(Path.Combine(folder, fileName));
        return new CheckpointInfo(fileName, digest, tensorHash.Wait(), header.Length + offset);
    }

    /// <summary>Reads a checkpoint: hashes it, compares, and only then parses it.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="expected">SHA-256 that it must have.</param>
    /// <exception cref="StoreException">It is missing, damaged, or another one.</exception>
    public static CheckpointContent Read(string path, Digest expected)
    {
        var file = new MappedFile(path);
        try
        {
            var actual = HashOf(file);
            if (actual != expected)
            {
                throw new StoreException(
                    $"Checkpoint {path} has digest {actual.ToShortString()}…, the manifest records {expected.ToShortString()}….",
                    $"Run {Step.Recover}; the damaged stage is trained again.");
            }

            return new CheckpointContent(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>SHA-256 of a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="StoreException">It is missing.</exception>
    public static Digest HashOf(string path)
    {
        using var file = new MappedFile(path);
        return HashOf(file);
    }

    private static Digest HashOf(MappedFile file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        const int Step = 1 << 24;
        for (long offset = 0; offset < file.LengthBytes; offset += Step)
        {
            hash.AppendData(file.Span(offset, (int)Math.Min(Step, file.LengthBytes - offset)));
        }

        return new Digest(hash.GetHashAndReset());
    }
}
