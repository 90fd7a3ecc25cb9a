using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Campaigns.Damage;

/// <summary>Damages one file of a store, as a case's number says.</summary>
/// <param name="random">What decides.</param>
internal sealed class DamagedFile(SeededGenerator random)
{
    // What a file is, by the beginning of its path; each is chosen as often as the others, however many files it has.
    private static readonly string[] Kinds = ["manifest.db", "slices/", "checkpoints/", "evidence/log.jsonl", "evidence/checkpoint", "certificates/", "keys/"];

    /// <summary>What was done, in words that can be summed up.</summary>
    public string What { get; private set; } = string.Empty;

    /// <summary>The kind of file it was done to.</summary>
    public string Kind { get; private set; } = string.Empty;

    /// <summary>The file, and where in it.</summary>
    public string Where { get; private set; } = string.Empty;

    /// <summary>Damages a store.</summary>
    /// <param name="store">Its folder.</param>
    /// <param name="before">An older state of the same store.</param>
    /// <returns>Whether anything was changed: two files may be equal by chance, or one be as it was.</returns>
    public bool Damage(string store, string before)
    {
        Kind = Kinds[random.NextInt32(Kinds.Length)];
        string[] files = [.. StoreFiles.All(store).Where(f => f.StartsWith(Kind, StringComparison.Ordinal) && !f.EndsWith("-shm", StringComparison.Ordinal))];
        if (files.Length == 0)
        {
            return false;
        }

        var file = files[random.NextInt32(files.Length)];
        var path = Path.Combine(store, file);
        var bytes = File.ReadAllBytes(path);
        var at = bytes.Length == 0 ? 0 : random.NextInt32(bytes.Length);
        (What, Where) = (string.Empty, $"{file}, byte {at} of {bytes.Length}");
        switch (random.NextInt32(9))
        {
            case 0 or 1 or 2 when bytes.Length > 0:
                What = "a bit turned over";
                bytes[at] ^= (byte)(1 << random.NextInt32(8));
                return Replace(path, bytes);
            case 3 when bytes.Length > 0:
                What = "a sector of zeros";
                bytes.AsSpan(at / 512 * 512, Math.Min(512, bytes.Length - (at / 512 * 512))).Clear();
                return Replace(path, bytes);
            case 4 when bytes.Length > 0:
                What = "cut off";
                return Replace(path, bytes[..at]);
            case 5:
                What = "gone";
                File.Delete(path);
                return true;
            case 6:
                What = "bytes behind its end";
                return Replace(path, [.. bytes, .. Enumerable.Range(0, 1 + random.NextInt32(100)).Select(_ => (byte)random.NextInt32(256))]);
            case 7:
                What = "exchanged with another valid file";
                return Exchange(store, file, files.Length > 1 ? files : [.. StoreFiles.All(store).Where(f => !f.EndsWith("-shm", StringComparison.Ordinal))]);
            default:
                What = "an older valid file put back";
                return PutBack(store, before, file, files);
        }
    }

    private bool Exchange(string store, string file, string[] others)
    {
        var other = others[random.NextInt32(others.Length)];
        Where = $"{file} and {other}";
        var (mine, theirs) = (File.ReadAllBytes(Path.Combine(store, file)), File.ReadAllBytes(Path.Combine(store, other)));
        File.WriteAllBytes(Path.Combine(store, other), mine);
        return Replace(Path.Combine(store, file), theirs);
    }

    // Slices and checkpoints are named by their content: an older one comes back under the name of the one that followed it.
    private bool PutBack(string store, string before, string file, string[] files)
    {
        if (Kind is "slices/" or "checkpoints/")
        {
            var place = file[..(file.LastIndexOf('-') + 1)];
            if (StoreFiles.All(before).FirstOrDefault(f => f.StartsWith(place, StringComparison.Ordinal) && f != file) is not { } older)
            {
                return false;
            }

            Where = $"{file} ← {older}";
            return Replace(Path.Combine(store, file), File.ReadAllBytes(Path.Combine(before, older)));
        }

        // The database and its log are one thing.
        file = Kind == "manifest.db" ? Kind : file;
        Where = file;
        var path = Path.Combine(before, file);
        if (!File.Exists(path))
        {
            return false;
        }

        foreach (var rest in Kind == "manifest.db" ? files : [])
        {
            File.Delete(Path.Combine(store, rest));
        }

        if (Kind == "manifest.db" && File.Exists(path + "-wal"))
        {
            File.Copy(path + "-wal", Path.Combine(store, "manifest.db-wal"));
        }

        return Replace(Path.Combine(store, file), File.ReadAllBytes(path)) || Kind == "manifest.db";
    }

    private static bool Replace(string path, byte[] bytes)
    {
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
        {
            return false;
        }

        File.WriteAllBytes(path, bytes);
        return true;
    }
}
