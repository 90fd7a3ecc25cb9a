using System.Text;
using Sisa.Engine.Verifying;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Readers.OpenWeights;
using Sisa.Readers.Recipes;
using Sisa.Sharding;
using Sisa.Storage.Files;
using Sisa.Storage.Slices;
using Sisa.Training;

namespace Sisa.Engine.Auditing;

/// <summary>An audit bundle as a stranger gets it: nothing in it is believed before it was checked against something else.</summary>
/// <remarks>Immutable. Reads only below its folder, follows no links, and runs nothing.</remarks>
public sealed class AuditBundle
{
    private const int MaxSmallBytes = 1 << 20;
    private const int MaxLogBytes = 1 << 30;
    private const int LeafLineBytes = (2 * Digest.SizeBytes) + 1;

    private readonly AuditFolder _folder;

    private AuditBundle(AuditFolder folder, AuditDescription description, Recipe recipe, AssignmentKey key) =>
        (_folder, Description, Recipe, Key) = (folder, description, recipe, key);

    /// <summary>The expected results.</summary>
    public AuditDescription Description { get; }

    /// <summary>The recipe.</summary>
    public Recipe Recipe { get; }

    /// <summary>The assignment key κ.</summary>
    public AssignmentKey Key { get; }

    /// <summary>Public keys of certificates, the ones that were replaced too.</summary>
    public IReadOnlyList<string> CertificateKeys => AuditFolder.FilesOf(_folder.Keys, "certificate*.pub.pem");

    /// <summary>Public keys of the log, the ones that were replaced too.</summary>
    public IReadOnlyList<string> LogKeys => AuditFolder.FilesOf(_folder.Keys, "log*.pub.pem");

    /// <summary>Certificates in the bundle.</summary>
    public IReadOnlyList<string> Certificates => AuditFolder.FilesOf(_folder.Certificates, "*.dsse.json");

    /// <summary>The newest signed head of the log, or <see langword="null"/> if nothing was signed yet.</summary>
    public string? Head => File.Exists(_folder.LogHead) ? Encoding.UTF8.GetString(ForeignFile.Read(_folder.LogHead, SignedNote.MaxLength)) : null;

    /// <summary>Opens a bundle: its description, recipe and key, which must belong together.</summary>
    /// <param name="folder">Its folder.</param>
    /// <exception cref="EvidenceException">It is no bundle, or its parts do not belong together.</exception>
    public static AuditBundle Open(string folder)
    {
        var files = new AuditFolder(folder);
        var description = AuditDescription.Read(ForeignFile.Read(files.Description, AuditDescription.MaxBytes));
        try
        {
            var recipe = OpenWeightsFolder.Reopen(RecipeReader.Parse(Encoding.UTF8.GetString(ForeignFile.Read(files.Recipe, MaxSmallBytes))), files.Base);
            var key = AssignmentKey.Parse(Encoding.UTF8.GetString(ForeignFile.Read(files.AssignmentKey, MaxSmallBytes)), files.AssignmentKey);
            var digest = RecipeJson.RecipeDigest(recipe, key.Commitment);
            return description.TrainingCode != TrainingCode.Version ? throw Foreign(folder, $"was trained by version {description.TrainingCode} of the training code; this is version {TrainingCode.Version}", "Use the version of Sisa that wrote it.")
                : digest != description.Recipe ? throw Foreign(folder, $"holds a recipe and a key with digest {digest.ToShortString()}…, but describes {description.Recipe.ToShortString()}…")
                : (recipe.Ensemble.Shards, recipe.Ensemble.Slices) != (description.Shards.Count, description.Shards[0].Slices.Count) ? throw Foreign(folder, "describes a number of shards or slices other than its recipe's")
                : new AuditBundle(files, description, recipe, key);
        }
        catch (Exception e) when (e is RecipeException or StoreException or OpenWeightsException)
        {
            throw new EvidenceException($"The audit bundle in {folder} cannot be read: {e.Message}", $"Give an unaltered folder that {Step.ExportAudit} wrote.", e);
        }
    }

    /// <summary>The evidence log.</summary>
    /// <exception cref="EvidenceException">It is missing or too large.</exception>
    public LogHistory Log() => new(Encoding.UTF8.GetString(ForeignFile.Read(_folder.Log, MaxLogBytes)).Split('\n', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Faults of the items or of the commitments to them; empty if there are none.</summary>
    /// <param name="absent">Ids that must not be among the items; asked only where the bundle holds records.</param>
    public IReadOnlyList<string> CheckItems(IReadOnlyCollection<string> absent)
    {
        const int MaxFaults = 20;
        return [.. (Description.Content == AuditContent.Records ? CheckRecords([.. absent.Select(Encoding.UTF8.GetBytes)]) : CheckLeaves()).Take(MaxFaults)];
    }

    /// <summary>Slices to train on; only where the bundle holds records.</summary>
    internal IReadOnlyDictionary<ShardId, SliceReference[]> Slices() => Places().GroupBy(p => p.Place.Shard)
        .ToDictionary(shard => shard.Key, shard => shard.Select(s => new SliceReference(s.Expected.ItemCount == 0 ? null : _folder.Slice(s.Place), s.Expected)).ToArray());

    /// <summary>Leaves of the retained items of a slice.</summary>
    internal IReadOnlyList<Digest> Leaves(Placement place)
    {
        var expected = Expected(place);
        if (expected.ItemCount == 0)
        {
            return [];
        }

        if (Description.Content == AuditContent.Records)
        {
            using var file = SliceFile.Open(_folder.Slice(place), expected);
            return [.. Enumerable.Range(0, file.Count).Select(file.Leaf)];
        }

        try
        {
            var lines = Encoding.ASCII.GetString(ForeignFile.Read(_folder.Leaves(place), checked(expected.ItemCount * LeafLineBytes))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Digest[] leaves = [.. lines.Select(Digest.Parse)];
            return leaves.Length == expected.ItemCount && MerkleTree.Root(leaves) == expected.Root
                ? leaves
                : throw new EvidenceException($"The leaves of {place} do not give the root that the bundle describes.", "The bundle was altered. Get it again.");
        }
        catch (FormatException e)
        {
            throw new EvidenceException($"The leaves of {place} cannot be read: {PlainReason.Of(e)}.", "The bundle was altered. Get it again.", e);
        }
    }

    /// <summary>Spans that were cut from retained items, by item.</summary>
    /// <exception cref="EvidenceException">A span is none.</exception>
    internal IReadOnlyDictionary<string, CutRanges> Cuts() => Description.Cuts.ToDictionary(
        cut => cut.Item,
        cut => new CutRanges(cut.Spans.Select(text => TextSpan.TryParse(text, out var span) ? span : throw new EvidenceException($"'{text}' is not a span.", "The bundle was altered. Get it again."))),
        StringComparer.Ordinal);

    /// <summary>Root and number of items of a slice.</summary>
    internal Checkpoints.SliceRoot Expected(Placement place) => Description.Shards[place.Shard.Value].Slices[place.Slice.Value - 1];

    private IEnumerable<(Placement Place, Checkpoints.SliceRoot Expected)> Places() =>
        Description.Shards.SelectMany(shard => shard.Slices.Select((slice, i) => (new Placement(new ShardId(shard.Shard), new SliceIndex(i + 1)), slice)));

    private IEnumerable<string> CheckRecords(IReadOnlyList<byte[]> absent)
    {
        using var check = new ItemCheck(Recipe, Key);
        foreach (var (place, expected) in Places().Where(p => p.Expected.ItemCount > 0))
        {
            foreach (var fault in CheckSlice(place, expected, check, absent))
            {
                yield return fault;
            }
        }
    }

    private List<string> CheckSlice(Placement place, Checkpoints.SliceRoot expected, ItemCheck check, IReadOnlyList<byte[]> absent)
    {
        try
        {
            using var file = SliceFile.Open(_folder.Slice(place), expected);
            return
            [
                .. Enumerable.Range(0, file.Count).SelectMany(i => check.Faults(place, file, i)),
                .. absent.Where(id => file.Find(id) >= 0).Select(_ => $"{place} holds an item of the requester's copy, which should be forgotten."),
            ];
        }
        catch (Exception e) when (e is SisaException or ArgumentOutOfRangeException)
        {
            return [e.Message];
        }
    }

    private IEnumerable<string> CheckLeaves()
    {
        foreach (var (place, _) in Places())
        {
            string? fault = null;
            try
            {
                Leaves(place);
            }
            catch (EvidenceException e)
            {
                fault = e.Message;
            }

            if (fault is not null)
            {
                yield return fault;
            }
        }
    }

    private static EvidenceException Foreign(string folder, string what, Remedy? remedy = null) =>
        new($"The audit bundle in {folder} {what}.", remedy ?? "The bundle was altered. Get it again from its maker.");
}
