using System.Globalization;
using Sisa.Models;
using Sisa.Sharding;

namespace Sisa.Storage.Files;

/// <summary>Which file of a store is where.</summary>
/// <param name="root">Folder of the store.</param>
/// <remarks>Immutable. The manifest records paths relative to <see cref="Root"/>, with forward slashes.</remarks>
public sealed class StoreLayout(string root)
{
    /// <summary>Folder of the store, absolute, without a separator at its end.</summary>
    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    /// <summary>The manifest, SQLite.</summary>
    public string Manifest => Path.Combine(Root, "manifest.db");

    /// <summary>Held by the process that ingests, trains or purges.</summary>
    public string Lock => Path.Combine(Root, "store.lock");

    /// <summary>Keys, readable by the owner only.</summary>
    public string Keys => Path.Combine(Root, "keys");

    /// <summary>The assignment key κ.</summary>
    public string AssignmentKey => Path.Combine(Keys, "assignment.key");

    /// <summary>Key of tombstones; never exported.</summary>
    public string TombstoneKey => Path.Combine(Keys, "tombstone.key");

    /// <summary>The store's own copy of the files of a base or a tokenizer, where its model has some.</summary>
    public string Base => Path.Combine(Root, BaseFiles.FolderName);

    /// <summary>Slice files, one folder per shard.</summary>
    public string Slices => Path.Combine(Root, "slices");

    /// <summary>Checkpoint files, one folder per shard.</summary>
    public string Checkpoints => Path.Combine(Root, "checkpoints");

    /// <summary>TensorBoard event files, one folder per shard and stage.</summary>
    public string Events => Path.Combine(Root, "events");

    /// <summary>The evidence log and its newest signed head, apart from the manifest.</summary>
    public string Evidence => Path.Combine(Root, "evidence");

    /// <summary>The log, one entry a line.</summary>
    public string LogFile => Path.Combine(Evidence, "log.jsonl");

    /// <summary>The newest signed head of the log.</summary>
    public string LogHead => Path.Combine(Evidence, "checkpoint");

    /// <summary>Folder of the certificates.</summary>
    public string Certificates => Path.Combine(Root, "certificates");

    /// <summary>The certificate of a request.</summary>
    /// <param name="request">Name of the request.</param>
    /// <param name="form">The part before <c>dsse.json</c> for forms other than the public one.</param>
    /// <exception cref="StoreException">The request has a name that no file can have.</exception>
    public string Certificate(string request, string form = "") => NamedPath.IsBelow(request) && !request.Contains('/', StringComparison.Ordinal)
        ? Path.Combine(Certificates, $"{request}.{form}{(form.Length > 0 ? "." : string.Empty)}dsse.json")
        : throw new StoreException($"The name of request '{request}' leads out of {Certificates}.", "The manifest was altered. Restore it from a backup.");

    /// <summary>A private key of evidence: <c>log</c> or <c>certificate</c>.</summary>
    /// <param name="name">Which one.</param>
    public string PrivateKey(string name) => Path.Combine(Keys, name + ".key");

    /// <summary>The public half of a key of evidence.</summary>
    /// <param name="name">Which one.</param>
    public string PublicKey(string name) => Path.Combine(Keys, name + ".pub.pem");

    /// <summary>Every folder that the store makes below its own.</summary>
    internal IEnumerable<string> OwnFolders => [Keys, Base, Slices, Checkpoints, Events, Evidence, Certificates, Scratch];

    /// <summary>Every file that the store makes in its own folder.</summary>
    internal IEnumerable<string> OwnFiles => [Manifest, Manifest + "-wal", Manifest + "-shm", Manifest + "-journal", Lock];

    /// <summary>Work in progress; emptied by recovery.</summary>
    public string Scratch => Path.Combine(Root, "scratch");

    /// <summary>Folder of a shard's slices.</summary>
    /// <param name="shard">The shard.</param>
    public string SlicesOf(ShardId shard) => Path.Combine(Slices, shard.ToString());

    /// <summary>Folder of a shard's checkpoints.</summary>
    /// <param name="shard">The shard.</param>
    public string CheckpointsOf(ShardId shard) => Path.Combine(Checkpoints, shard.ToString());

    /// <summary>Folder of a shard's event files.</summary>
    /// <param name="shard">The shard.</param>
    public string EventsOf(ShardId shard) => Path.Combine(Events, shard.ToString());

    /// <summary>The event file of one stage.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="stage">The stage.</param>
    public string EventFile(ShardId shard, SliceIndex stage) => Path.Combine(EventsOf(shard), EventFileName(stage));

    /// <summary>Name of the event file of a stage, as TensorBoard knows such files; in the order of the stages, as it reads them.</summary>
    /// <param name="stage">The stage.</param>
    public static string EventFileName(SliceIndex stage) => string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{stage.Value:00000}");

    /// <summary>A path under the store as the manifest records it.</summary>
    /// <param name="path">Absolute path under <see cref="Root"/>.</param>
    public string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    /// <summary>The path of a slice or a checkpoint that the manifest records.</summary>
    /// <param name="relative">Relative path with forward slashes.</param>
    /// <exception cref="StoreException">It leads out of the folders of slices and checkpoints, by its text or by a link. What it names is read, and removed when it is garbage.</exception>
    public string Absolute(string relative)
    {
        ArgumentNullException.ThrowIfNull(relative);
        var path = Path.Combine(Root, relative);
        if (!NamedPath.IsBelow(relative) || !(relative.StartsWith("slices/", StringComparison.Ordinal) || relative.StartsWith("checkpoints/", StringComparison.Ordinal)))
        {
            throw new StoreException($"The manifest names '{relative}', which is outside the slices and checkpoints of {Root}.", "The manifest was altered. Restore it from a backup.");
        }

        return NamedPath.LinkTo(Root, path) is { } link
            ? throw new StoreException($"{link} is a symbolic link, and the manifest names '{relative}' behind it.", "Replace the link by the folder itself. Only the store as a whole may be reached through a link.")
            : path;
    }
}
