using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sisa.Checker;

/// <summary>I2: every file that a row names exists with its digest, and says of itself what the row says.</summary>
internal sealed class FileCheck(StoreRows store, FaultList faults)
{
    /// <summary>Ids by root, of every slice file that is there, also of those that no row names any more.</summary>
    public Dictionary<string, IReadOnlyList<string>> Slices { get; } = new(StringComparer.Ordinal);

    /// <summary>Recorded checkpoints that could be read, by digest.</summary>
    public Dictionary<string, CheckpointContent> Checkpoints { get; } = new(StringComparer.Ordinal);

    public void Run()
    {
        CheckSlices();
        ReadOldSlices();
        CheckCheckpoints();
        var lost = store.Query("SELECT shard FROM bundle WHERE checkpoint IS NOT NULL AND checkpoint NOT IN (SELECT digest FROM checkpoint WHERE checkpoint.shard = bundle.shard)");
        faults.Unless(lost.Count == 0, "I2", "The bundle serves a checkpoint that is not recorded for its shard.");
    }

    private void CheckSlices()
    {
        var listed = store.Query("SELECT shard, slice, id FROM item").ToLookup(r => ((long)r[0], (long)r[1]), r => (string)r[2]);
        foreach (var row in store.Query("SELECT shard, slice, file, root, items FROM slice"))
        {
            string[] expected = [.. listed[((long)row[0], (long)row[1])].Order(StringComparer.Ordinal)];
            var root = Convert.ToHexStringLower((byte[])row[3]);
            faults.Unless((long)row[4] == expected.Length, "I2", $"Slice {row[0]}/{row[1]} has {expected.Length} rows of items, its own row says {row[4]}.");
            if (row[2] is not string file)
            {
                faults.Unless(expected.Length == 0 && root == Convert.ToHexStringLower(SHA256.HashData([])), "I2", $"Slice {row[0]}/{row[1]} has no file, but items or a root.");
                continue;
            }

            faults.Within("I2", file, () =>
            {
                var slice = SliceContent.Read(store.PathOf(file), store.AssignmentKey);
                var found = Convert.ToHexStringLower(slice.Root);
                faults.Unless(slice.IsWhole && found == root, "I2", $"{file} does not have the root or the checksum that it is recorded with.");
                faults.Unless(slice.Ids.Order(StringComparer.Ordinal).SequenceEqual(expected), "I2", $"{file} and the rows list other items.");
                faults.Unless(file == string.Create(CultureInfo.InvariantCulture, $"slices/shard-{row[0]:000}/slice-{row[1]:00}-{root[..16]}.slice"), "I2", $"{file} is not named by its place and root.");
                Slices[found] = slice.Ids;
            });
        }
    }

    private void ReadOldSlices()
    {
        var current = store.Query("SELECT file FROM slice WHERE file IS NOT NULL").Select(r => store.PathOf((string)r[0])).ToHashSet();
        var folder = store.PathOf("slices");
        foreach (var path in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.slice", SearchOption.AllDirectories).Where(path => !current.Contains(path)) : [])
        {
            try
            {
                var slice = SliceContent.Read(path, store.AssignmentKey);
                Slices[Convert.ToHexStringLower(slice.Root)] = slice.Ids;
            }
            catch (Exception e) when (e is FormatException or ArgumentException or IOException)
            {
                // No row names it: it may be anything that an interrupted operation left.
            }
        }
    }

    private void CheckCheckpoints()
    {
        var environments = store.Query("SELECT digest, json FROM environment").ToDictionary(r => (string)r[0], r => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes((string)r[1]))));
        faults.Unless(environments.All(e => e.Key == e.Value), "I2", "An environment is recorded under another digest than its own.");
        foreach (var row in store.Query("SELECT digest, file, bytes, tensors, lineage, recipe, environment, shard, stage, items FROM checkpoint"))
        {
            var file = (string)row[1];
            faults.Within("I2", file, () =>
            {
                var found = CheckpointContent.Read(store.PathOf(file));
                faults.Unless(found.Digest == (string)row[0], "I2", $"{file} does not have its digest.");
                faults.Unless(
                    found.SizeBytes == (long)row[2] && found.TensorDigest == (string)row[3] && found.LineageDigest == (string)row[4] && found.Recipe == (string)row[5]
                        && found.EnvironmentDigest == (string)row[6] && found.Shard == (long)row[7] && found.Stage == (long)row[8] && found.Lineage.Count == (long)row[8] && found.Lineage.Sum(s => s.Items) == (long)row[9],
                    "I2",
                    $"{file} says of itself something else than its row.");
                Checkpoints[(string)row[0]] = found;
            });
        }
    }
}
