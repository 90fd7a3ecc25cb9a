using System.Security.Cryptography;
using System.Text;
using Sisa.Checkpoints;
using Sisa.Engine.Evidence;
using Sisa.Evidence;
using Sisa.Readers.OpenWeights;
using Sisa.Sharding;
using Sisa.Storage.Evidence;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Engine;

/// <summary>An open store: its recipe, keys and manifest. What every operation starts from.</summary>
/// <remarks>Not thread-safe; one per thread. Several processes may have the same store open.</remarks>
public sealed class Store : IDisposable
{
    // Kept for reuse: marks are made by the ten thousand.
    private readonly IncrementalHash _marks;

    private Store(StoreLayout layout, SqliteManifest manifest, Recipe recipe, AssignmentKey key, byte[] tombstoneKey, TimeProvider clock)
    {
        Layout = layout;
        Manifest = manifest;
        Recipe = recipe;
        Key = key;
        Clock = clock;
        RecipeDigest = RecipeJson.RecipeDigest(recipe, key.Commitment);
        Assignment = new ShardManager(key, recipe.Ensemble);
        _marks = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, tombstoneKey);
        Log = new EvidenceLog(this);
        manifest.AfterCommit = Log.Flush;
    }

    /// <summary>Where its files are.</summary>
    public StoreLayout Layout { get; }

    /// <summary>Its manifest.</summary>
    public SqliteManifest Manifest { get; }

    /// <summary>Its recipe, as declared at <c>init</c>; <see cref="Recipe.BaseFolder"/> is the store's copy where the model has files.</summary>
    public Recipe Recipe { get; }

    /// <summary>Digest of what influences weights.</summary>
    public Digest RecipeDigest { get; }

    /// <summary>The assignment key κ.</summary>
    public AssignmentKey Key { get; }

    /// <summary>The rule that places items.</summary>
    public ShardManager Assignment { get; }

    /// <summary>The evidence log.</summary>
    public EvidenceLog Log { get; }

    /// <summary>Source of times; order never depends on it.</summary>
    public TimeProvider Clock { get; }

    /// <summary>Now, to the second.</summary>
    public DateTimeOffset Now => Timestamp.Parse(Timestamp.Format(Clock.GetUtcNow()));

    /// <summary>Makes a new store.</summary>
    /// <param name="folder">Where; created if need be.</param>
    /// <param name="recipe">A valid recipe. Where its model has files, resolved (<see cref="OpenWeightsFolder.Resolve"/>): they are copied into the store.</param>
    /// <param name="key">An assignment key to reuse, or <see langword="null"/> to draw one.</param>
    /// <param name="clock">Source of times; the system's by default.</param>
    /// <param name="passphrase">What its signing keys are encrypted with, empty for not at all; <see langword="null"/> for none to be drawn yet.</param>
    /// <exception cref="StoreException">There is a store already, or the files of the model changed since they were looked at.</exception>
    /// <remarks>Order of writes: folders, keys, the files of the model, the log's file, the manifest, within its last transaction the signing keys. Only with that transaction is there a store; whatever a
    /// crash leaves before it, the next <c>init</c> replaces, and after it nothing is written that could still fail.</remarks>
    public static Store Create(string folder, Recipe recipe, AssignmentKey? key = null, TimeProvider? clock = null, string? passphrase = null) =>
        Create(folder, recipe, key, clock, passphrase, copiesBase: true);

    /// <summary>Makes a store that is gone after the work at hand: the files of its model stay where they are.</summary>
    internal static Store CreateScratch(string folder, Recipe recipe, AssignmentKey key, TimeProvider clock) =>
        Create(folder, recipe, key, clock, passphrase: null, copiesBase: false);

    private static Store Create(string folder, Recipe recipe, AssignmentKey? key, TimeProvider? clock, string? passphrase, bool copiesBase)
    {
        var layout = new StoreLayout(folder);
        if (SqliteManifest.IsFinished(layout))
        {
            throw new StoreException($"There is a store in {layout.Root} already.", $"Name another folder with {Step.StoreFolder}, or remove that store.");
        }

        RefuseOthersFiles(layout);
        DurableFile.CreateFolder(layout.Root);
        foreach (var path in new[] { layout.Keys, layout.Slices, layout.Checkpoints, layout.Events, layout.Scratch, layout.Evidence, layout.Certificates })
        {
            DurableFile.CreateFolder(path);
        }

        OwnerOnly.Tighten(layout);

        // Keys first: a manifest never refers to a key that is not durable. What a crash leaves here, the next init replaces.
        key ??= AssignmentKey.Create();
        DurableFile.Write(layout.AssignmentKey, key.ToFileBytes(), ownerOnly: true);
        DurableFile.Write(layout.TombstoneKey, AssignmentKey.Create().ToFileBytes(), ownerOnly: true);
        DurableFile.Delete(KeyRing.FilesOf(layout));
        DurableFile.Delete([layout.Manifest, layout.Manifest + "-wal", layout.Manifest + "-shm", layout.LogFile, layout.LogHead]);
        recipe = copiesBase ? BaseCopy.Write(recipe, layout.Base) : recipe;
        var tombstoneKey = ParseTombstoneKey(ReadKey(layout.TombstoneKey), layout.TombstoneKey);
        var opened = new LogEntry
        {
            Event = LogEvent.Opened,
            At = Timestamp.Parse(Timestamp.Format((clock ?? TimeProvider.System).GetUtcNow())),
            Epoch = 0,
            Payload = RecipeJson.RecipeDigest(recipe, key.Commitment),
        }.ToLine();
        new LogFile(layout.LogFile).Append(default, [opened], _ => { });
        var manifest = SqliteManifest.Create(layout, manifest =>
        {
            Fill(manifest, recipe, key, tombstoneKey, opened);
            if (passphrase is not null)
            {
                // Beside an unfinished manifest they are what an interrupted init left; alone they are somebody's, and are kept.
                DurableFile.FlushFolder(layout.Root);
                using var keys = KeyRing.Draw(layout, passphrase);
                RecordedKeys.Fill(manifest, keys);
            }
        });
        return new Store(layout, manifest, recipe, key, tombstoneKey, clock ?? TimeProvider.System);
    }

    private static void Fill(SqliteManifest manifest, Recipe recipe, AssignmentKey key, byte[] tombstoneKey, string opened)
    {
        manifest.Settings["recipe"] = RecipeJson.Write(recipe);
        manifest.Settings["assignmentKey"] = key.Commitment.ToString();
        manifest.Settings["tombstoneKey"] = TombstoneCommitment(tombstoneKey);
        manifest.Settings["epoch"] = "0";
        manifest.Settings["logOrigin"] = $"sisa/{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        manifest.Log.Add(opened);
        manifest.Items.IndexSubjects(HasSubjects(recipe));
        using var assignment = new ShardManager(key, recipe.Ensemble);
        foreach (var place in assignment.Placements)
        {
            manifest.Slices.Set(new SliceRow(place, null, SliceRoot.Empty));
        }
    }

    /// <summary>Opens a store. Changes nothing but the evidence log's file, where a crash left it behind; see <see cref="Recovery"/>.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="clock">Source of times; the system's by default.</param>
    /// <exception cref="NotFoundException">There is no store.</exception>
    /// <exception cref="StoreException">The store is damaged, of another version, went backwards, or its key is another one.</exception>
    public static Store Open(string folder, TimeProvider? clock = null)
    {
        var store = OpenUnchecked(folder, clock);
        try
        {
            store.Log.Open();
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Opens a store whose manifest may have gone backwards, to replay its evidence log.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="clock">Source of times; the system's by default.</param>
    internal static Store OpenUnchecked(string folder, TimeProvider? clock = null)
    {
        var layout = new StoreLayout(folder);
        var manifest = SqliteManifest.Open(layout);
        try
        {
            var recipe = RecipeJson.Read(manifest.Settings["recipe"] ?? string.Empty);
            recipe = recipe.Model is SequenceModelOptions { NeedsFiles: true } ? recipe with { BaseFolder = layout.Base } : recipe;
            var key = AssignmentKey.Parse(ReadKey(layout.AssignmentKey), layout.AssignmentKey);
            if (manifest.Settings["assignmentKey"] != key.Commitment.ToString())
            {
                throw new StoreException(
                    $"Assignment key {layout.AssignmentKey} has commitment {key.Commitment.ToShortString()}…, the manifest records {manifest.Settings["assignmentKey"]?[..12]}….",
                    "Put the store's own key back; with another one items would go to other shards.");
            }

            var tombstoneKey = ParseTombstoneKey(ReadKey(layout.TombstoneKey), layout.TombstoneKey);
            if (manifest.Settings["tombstoneKey"] != TombstoneCommitment(tombstoneKey))
            {
                throw new StoreException(
                    $"Tombstone key {layout.TombstoneKey} is not the one of this store.",
                    "Put the store's own key back; with another one everything that was forgotten would be let in again.");
            }

            return new Store(layout, manifest, recipe, key, tombstoneKey, clock ?? TimeProvider.System);
        }
        catch
        {
            manifest.Dispose();
            throw;
        }
    }

    /// <summary>Whether the recipe maps subjects; without it a subject is the item's own id.</summary>
    /// <param name="recipe">The recipe.</param>
    internal static bool HasSubjects(Recipe recipe) => recipe.Corpus.Fields.Subject.Count > 0;

    /// <summary>Records in the evidence log that a copy was handed out; part of the transaction that registers it.</summary>
    public void RecordExport() => Log.Record(LogEvent.Exported, entry => entry);

    /// <summary>Keyed hash by which a forgotten item is known again, and nothing else is learnt.</summary>
    /// <param name="id">The item's id.</param>
    public Digest ItemMark(string id) => Mark("item", id);

    /// <summary>Keyed hash by which a forgotten subject is known again.</summary>
    /// <param name="subject">The subject.</param>
    public Digest SubjectMark(string subject) => Mark("subject", subject);

    /// <summary>Keyed hash by which an item is known again from whose text something was cut.</summary>
    /// <param name="id">The item's id.</param>
    public Digest SpanMark(string id) => Mark("span", id);

    /// <summary>Keyed hash by which a subject is known again whose items were all forgotten without naming it. It keeps nobody out.</summary>
    /// <param name="subject">The subject.</param>
    public Digest EmptiedMark(string subject) => Mark("emptied", subject);

    /// <summary>Keyed hash by which a repeated request is known again.</summary>
    /// <param name="content">What was asked, in a canonical form.</param>
    internal Digest ContentMark(string content) => Mark("request", content);

    /// <summary>The slice files of every shard as they are now, in the form in which jobs name them.</summary>
    internal IReadOnlyDictionary<ShardId, SliceReference[]> SliceReferences() => Manifest.Slices.All()
        .GroupBy(s => s.Place.Shard)
        .ToDictionary(g => g.Key, g => g.Select(s => new SliceReference(s.File is null ? null : Layout.Absolute(s.File), s.Root)).ToArray());

    /// <summary>Slices whose file is not there, which nothing in the store can make again.</summary>
    public IReadOnlyList<SliceRow> MissingSlices() => [.. Manifest.Slices.All().Where(s => s.File is not null && !File.Exists(Layout.Absolute(s.File)))];

    /// <summary>Every shard: its slices as they are now, and its checkpoints.</summary>
    public IReadOnlyList<ShardHistory> Histories()
    {
        var slices = Manifest.Slices.All().ToLookup(s => s.Place.Shard);
        var checkpoints = Manifest.Checkpoints.All().ToLookup(c => c.Place.Shard);
        return [.. slices.Select(shard => new ShardHistory(shard.Key, [.. shard.Select(s => s.Root)], [.. checkpoints[shard.Key]]))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _marks.Dispose();
        Assignment.Dispose();
        Manifest.Dispose();
    }

    private static string TombstoneCommitment(byte[] key) => Digest.Keyed(key, "sisa tombstone key commitment"u8).ToString();

    // The next run would take them for litter, or worse: they are a store whose manifest was lost. What an interrupted init leaves is no more than these.
    private static void RefuseOthersFiles(StoreLayout layout)
    {
        if (!Directory.Exists(layout.Root))
        {
            return;
        }

        string[] own = [layout.Manifest, layout.Manifest + "-wal", layout.Manifest + "-shm", layout.Manifest + "-journal", layout.Lock, layout.AssignmentKey, layout.TombstoneKey, layout.LogFile, .. File.Exists(layout.Manifest) ? KeyRing.FilesOf(layout) : []];
        var allowed = own.Concat(own.Select(path => path + DurableFile.TemporarySuffix)).Append(Path.Combine(layout.Root, "README.md")).ToHashSet();

        // A folder 'base' that lay there before is somebody's; an init writes its own after the keys.
        bool IsBase(string path) => File.Exists(layout.AssignmentKey) && Path.GetDirectoryName(path) == layout.Base;
        var all = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };
        if (Directory.EnumerateFiles(layout.Root, "*", all).FirstOrDefault(path => !allowed.Contains(path) && !IsBase(path)) is { } other)
        {
            throw new StoreException(
                $"{layout.Root} is not empty: it holds {layout.Relative(other)}, and no finished manifest.",
                $"Name an empty folder with {Step.StoreFolder}. If this was a store, put the whole folder back from one backup; a manifest alone does not fit.");
        }
    }

    private static string ReadKey(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"Key {path} cannot be read: {PlainReason.Of(e)}.", "Restore the folder 'keys' from a backup.", e);
        }
    }

    // An empty or damaged key would let every forgotten id in again.
    private static byte[] ParseTombstoneKey(string text, string path)
    {
        var digits = text.Trim();
        return digits.Length == AssignmentKey.SizeBytes * 2 && digits.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(digits)
            : throw new StoreException($"Key {path} holds {digits.Length} characters that are not a key; expected {AssignmentKey.SizeBytes * 2} hexadecimal digits.", "Restore the folder 'keys' from a backup.");
    }

    private Digest Mark(string kind, string id)
    {
        Span<byte> hash = stackalloc byte[Digest.SizeBytes];
        _marks.AppendData(Encoding.UTF8.GetBytes(kind + "\0" + id));
        _marks.GetHashAndReset(hash);
        return new Digest(hash);
    }
}
