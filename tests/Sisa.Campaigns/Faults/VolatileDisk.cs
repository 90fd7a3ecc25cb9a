using Sisa.Sharding;

namespace Sisa.Campaigns.Faults;

/// <summary>A disk that keeps only what was flushed: what a power cut may leave of a sequence of changes.</summary>
/// <remarks>
/// The bytes of a file are durable once it was flushed, its name once its folder was. Of everything else each part may have reached the disk or not,
/// independently: a name, a new length, each page that was written; of the last write, only its first sectors. A rename happens whole or not at all.
/// SQLite's shared memory is left out: it is made anew.
/// </remarks>
public sealed class VolatileDisk
{
    private const int PageBytes = 4096;
    private const int SectorBytes = 512;

    private readonly FolderNode _root = new();
    private FileNode? _lastWritten;

    /// <summary>A disk on which a folder lies, all of it durable.</summary>
    public VolatileDisk(string folder) => _root.Load(folder);

    /// <summary>Does a change, without making it durable.</summary>
    public void Do(Change change)
    {
        if (IsLeftOut(change.Name) || change.Kind is ChangeKind.Mode or ChangeKind.Output)
        {
            return;
        }

        var (folder, name) = Locate(change.Name);
        switch (change.Kind)
        {
            case ChangeKind.Create:
                folder.Change(new EntryChange(null, name, new FileNode()));
                break;
            case ChangeKind.MakeFolder:
                folder.Change(new EntryChange(null, name, new FolderNode()));
                break;
            case ChangeKind.Unlink or ChangeKind.RemoveFolder:
                folder.Change(new EntryChange(name, null, null));
                break;
            case ChangeKind.Rename when Locate(change.Other) is var (target, newName) && target == folder:
                folder.Change(new EntryChange(name, newName, folder.Now[name]));
                break;
            case ChangeKind.Write or ChangeKind.Truncate:
                _lastWritten = (FileNode)folder.Now[name];
                _lastWritten.Pending.Add(change);
                break;
            case ChangeKind.Sync:
                (change.Name.Length == 0 ? _root : folder.Now[name]).Flush();
                break;
            default:
                throw new NotSupportedException($"{change.Kind} of {change.Name} has no model.");
        }
    }

    /// <summary>Writes what the disk holds after a power cut.</summary>
    /// <param name="folder">Where; does not exist yet.</param>
    /// <param name="random">What reached the disk.</param>
    public void Cut(string folder, SeededGenerator random)
    {
        // From nothing that was not flushed to all of it, with every mixture in between.
        int[] shares = [0, 100, 50, 90, 10, 75];
        var share = shares[random.NextInt32(shares.Length)];
        _root.Write(folder, new Chance(random, share, _lastWritten));
    }

    private static bool IsLeftOut(string name) => name.EndsWith("-shm", StringComparison.Ordinal) || name.EndsWith(" (deleted)", StringComparison.Ordinal);

    private (FolderNode Folder, string Name) Locate(string path)
    {
        var parts = path.Split('/');
        var folder = _root;
        foreach (var part in parts[..^1])
        {
            folder = (FolderNode)folder.Now[part];
        }

        return (folder, parts[^1]);
    }

    private sealed class Chance(SeededGenerator random, int share, FileNode? lastWritten)
    {
        public bool Reached() => share == 100 || (share > 0 && random.NextInt32(100) < share);

        public bool IsLast(FileNode file) => file == lastWritten;

        public int UpTo(int count) => random.NextInt32(count + 1);
    }

    private sealed record EntryChange(string? Gone, string? Name, Node? Node)
    {
        public void Apply(Dictionary<string, Node> entries)
        {
            if (Gone is not null)
            {
                entries.Remove(Gone);
            }

            if (Name is not null)
            {
                entries[Name] = Node!;
            }
        }
    }

    private abstract class Node
    {
        public abstract void Flush();

        public abstract void Write(string path, Chance chance);
    }

    private sealed class FolderNode : Node
    {
        private readonly Dictionary<string, Node> _durable = new(StringComparer.Ordinal);
        private readonly List<EntryChange> _pending = [];

        /// <summary>Entries as the running program sees them.</summary>
        public Dictionary<string, Node> Now { get; } = new(StringComparer.Ordinal);

        public void Load(string folder)
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(folder).Where(path => !IsLeftOut(path)))
            {
                Node node = Directory.Exists(path) ? new FolderNode() : new FileNode { Durable = File.ReadAllBytes(path) };
                (node as FolderNode)?.Load(path);
                _durable.Add(Path.GetFileName(path), node);
                Now.Add(Path.GetFileName(path), node);
            }
        }

        public void Change(EntryChange change)
        {
            change.Apply(Now);
            _pending.Add(change);
        }

        public override void Flush()
        {
            _pending.ForEach(change => change.Apply(_durable));
            _pending.Clear();
        }

        public override void Write(string path, Chance chance)
        {
            Directory.CreateDirectory(path);
            var entries = new Dictionary<string, Node>(_durable, StringComparer.Ordinal);
            foreach (var change in _pending.Where(_ => chance.Reached()))
            {
                change.Apply(entries);
            }

            foreach (var (name, node) in entries)
            {
                node.Write(Path.Combine(path, name), chance);
            }
        }
    }

    private sealed class FileNode : Node
    {
        public byte[] Durable { get; set; } = [];

        public List<Change> Pending { get; } = [];

        public override void Flush()
        {
            Durable = Content(null);
            Pending.Clear();
        }

        public override void Write(string path, Chance chance) => File.WriteAllBytes(path, Content(chance));

        private byte[] Content(Chance? chance)
        {
            using var content = new MemoryStream();
            content.Write(Durable);
            for (var i = 0; i < Pending.Count; i++)
            {
                var change = Pending[i];
                if (change.Kind == ChangeKind.Truncate)
                {
                    content.SetLength(chance is null || chance.Reached() ? change.Length : content.Length);
                    continue;
                }

                var isTorn = chance is not null && chance.IsLast(this) && i == Pending.Count - 1;
                var bytes = isTorn ? Math.Min(change.Data.Length, SectorBytes * chance!.UpTo((change.Data.Length + SectorBytes - 1) / SectorBytes)) : change.Data.Length;
                for (var at = 0; at < bytes;)
                {
                    // A page of the file, not of the write.
                    var length = Math.Min(bytes - at, PageBytes - (int)((change.Offset + at) % PageBytes));
                    if (chance is null || chance.Reached())
                    {
                        content.Position = change.Offset + at;
                        content.Write(change.Data, at, length);
                    }

                    at += length;
                }
            }

            return content.ToArray();
        }
    }
}
