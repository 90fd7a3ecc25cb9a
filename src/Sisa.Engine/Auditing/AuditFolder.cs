using Sisa.Engine.Publishing;
using Sisa.Models;
using Sisa.Sharding;
using Sisa.Storage.Files;

namespace Sisa.Engine.Auditing;

/// <summary>The paths of the files of an audit bundle. Every name follows from a number or is fixed, so that no file can name another.</summary>
/// <param name="root">The folder.</param>
internal sealed class AuditFolder(string root)
{
    public string Root { get; } = Handout.Target(root);

    public string Description => Path("audit.json");

    public string Recipe => Path("sisa.yaml");

    public string ReadMe => Path("README.md");

    public string AssignmentKey => Path("keys", "assignment.key");

    public string Keys => Path("keys");

    /// <summary>Folder of the files of a base or a tokenizer.</summary>
    /// <exception cref="EvidenceException">It or a file in it is a link.</exception>
    public string Base
    {
        get
        {
            var folder = Path(BaseFiles.FolderName);
            _ = FilesOf(folder, "*");
            return folder;
        }
    }

    public string Certificates => Path("certificates");

    public string Log => Path("log.jsonl");

    public string LogHead => Path("checkpoint");

    public string Slices(ShardId shard) => Path("slices", shard.ToString());

    public string Slice(Placement place) => Path("slices", place.Shard.ToString(), $"{place.Slice}.slice");

    public string Leaves(Placement place) => Path("slices", place.Shard.ToString(), $"{place.Slice}.leaves");

    /// <summary>Files of a folder of the bundle, by name; none where it is missing.</summary>
    public static IReadOnlyList<string> FilesOf(string folder, string pattern) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, pattern).Select(System.IO.Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal).Select(name => ForeignFile.Within(folder, name))]
        : [];

    private string Path(params ReadOnlySpan<string> parts) => ForeignFile.Within(Root, parts);
}
