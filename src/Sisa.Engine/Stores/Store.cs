using Sisa.Checkpoints;
using Sisa.Engine.Certifying;
using Sisa.Engine.Recovering;
using Sisa.Evidence;
using Sisa.Models;
using Sisa.Readers.OpenWeights;
using Sisa.Sharding;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Engine.Stores;

/// <summary>An open store: its recipe, keys and manifest. What every operation starts from.</summary>
/// <remarks>Not thread-safe; one per thread. Several processes may have the same store open.</remarks>
public sealed class Store : IDisposable
{
    internal Store(StoreLayout layout, SqliteManifest manifest, Recipe recipe, AssignmentKey key, byte[] tombstoneKey, TimeProvider clock)
    {
        Layout = layout;
        Manifest = manifest;
        Recipe = recipe;
        Key = key;
        Clock = clock;
        RecipeDigest = RecipeJson.RecipeDigest(recipe, key.Commitment);
        Assignment = new ShardManager(key, recipe.Ensemble);
        Marks = new StoreMarks(tombstoneKey);
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

    /// <summary>Keyed hashes of what was forgotten.</summary>
    public StoreMarks Marks { get; }

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
    /// <param name="passphrase">Passphrase of the signing keys, empty for unencrypted keys; <see langword="null"/> to draw no keys yet.</param>
    /// <exception cref="StoreException">There is a store already, or the files of the model changed since they were looked at.</exception>
    public static Store Create(string folder, Recipe recipe, AssignmentKey? key = null, TimeProvider? clock = null, string? passphrase = null) =>
        StoreCreation.Create(folder, recipe, key, clock, passphrase, copiesBase: true);

    /// <summary>Creates a temporary store: the files of its model stay where they are.</summary>
    internal static Store CreateScratch(string folder, Recipe recipe, AssignmentKey key, TimeProvider clock) =>
        StoreCreation.Create(folder, recipe, key, clock, passphrase: null, copiesBase: false);

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
                    "Restore the store's own key. With another key, items would go to other shards.");
            }

            var tombstoneKey = StoreMarks.ReadKey(layout.TombstoneKey);
            if (manifest.Settings["tombstoneKey"] != StoreMarks.CommitmentOf(tombstoneKey))
            {
                throw new StoreException(
                    $"Tombstone key {layout.TombstoneKey} does not belong to this store.",
                    "Restore the store's own key. With another key, every forgotten item would be accepted again.");
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

    /// <summary>Records a handout in the evidence log, as part of the transaction that registers it.</summary>
    public void RecordExport() => Log.Record(LogEvent.Exported, entry => entry);

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
        Marks.Dispose();
        Assignment.Dispose();
        Manifest.Dispose();
    }

    internal static string ReadKey(string path)
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
}
