using System.Text;
using Sisa.Engine.Publishing;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Readers.Recipes;
using Sisa.Sharding;
using Sisa.Storage.Files;
using Sisa.Storage.Slices;
using Sisa.Training;

namespace Sisa.Engine.Auditing;

/// <summary>Writes what an independent auditor needs to repeat the training: recipe, assignment key, retained items or commitments to them, the digests
/// that must come out, the files of a base, certificates and log.</summary>
/// <remarks>Never a private key, nor the tombstone key. The folder holds the assignment key, and retained items where it is asked for them: it is registered for
/// recall as an export is.</remarks>
public static class AuditExport
{
    /// <summary>Writes a bundle.</summary>
    /// <param name="store">The store.</param>
    /// <param name="folder">Where; must not exist.</param>
    /// <param name="content">What the bundle holds of the items.</param>
    /// <param name="guide">The words of its README.md about the program.</param>
    /// <param name="patience">How long to wait for a store that another process holds.</param>
    /// <exception cref="NotFoundException">The store is not trained up to date.</exception>
    /// <exception cref="StoreBusyException">Another process holds the store.</exception>
    public static AuditDescription Write(Store store, string folder, AuditContent content, HandoutGuide guide, TimeSpan patience)
    {
        ArgumentNullException.ThrowIfNull(store);
        using var held = StoreLock.Acquire(store.Layout, patience);
        var epoch = store.Manifest.Settings.Epoch;
        var description = Describe(store, content, epoch);
        var stages = description.Shards.Select(s => new Placement(new ShardId(s.Shard), new SliceIndex(s.Slices.Count)));
        return Handout.Write(store, folder, epoch, stages, partial =>
        {
            WriteFolder(store, description, guide, new AuditFolder(partial));
            return description;
        }, ownerOnly: true);
    }

    /// <summary>Refuses a store that has nothing to compare a training with, before anything is done for a bundle.</summary>
    /// <param name="store">The store.</param>
    /// <exception cref="NotFoundException">The store is not trained up to date.</exception>
    public static void RequireUpToDate(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        Require(store, [.. store.Histories().Select(h => (h.Slices.Count, h.Chain(store.RecipeDigest, null).Count))]);
    }

    private static void Require(Store store, IReadOnlyList<(int Slices, int Trained)> shards)
    {
        if (store.Manifest.Requests.Targets().Any(t => !t.Applied) || shards.Any(s => s.Trained < s.Slices))
        {
            throw new NotFoundException("The store is not up to date, so a training from scratch would have nothing to be compared with.", $"Run {Step.Train} first.");
        }
    }

    private static AuditDescription Describe(Store store, AuditContent content, long epoch)
    {
        var histories = store.Histories();
        var chains = histories.ToDictionary(h => h.Shard, h => h.Chain(store.RecipeDigest, null));
        Require(store, [.. histories.Select(h => (h.Slices.Count, chains[h.Shard].Count))]);
        var known = store.Manifest.Checkpoints.Environments();
        return new AuditDescription
        {
            Format = AuditDescription.FormatName,
            Content = content,
            Epoch = epoch,
            Recipe = store.RecipeDigest,
            TrainingCode = TrainingCode.Version,
            Environments = [.. chains.Values.SelectMany(c => c).Select(c => c.Environment).Distinct().Order().Select(e => known[e])],
            Shards = [.. histories.Select(h => new ExpectedShard(h.Shard.Value, h.Slices, [.. chains[h.Shard].Select(c => new ExpectedCheckpoint(c.Digest, c.Tensors, c.Environment))]))],
            Cuts = [.. store.Manifest.Requests.AllCuts().Select(cut => new RetainedCut(cut.Key, [.. cut.Value.Ranges.Select(r => r.ToString())])).OrderBy(c => c.Item, StringComparer.Ordinal)],
        };
    }

    private static void WriteFolder(Store store, AuditDescription description, HandoutGuide guide, AuditFolder folder)
    {
        DurableFile.CreateFolder(folder.Keys);
        DurableFile.CreateFolder(folder.Certificates);

        // The file with held-out rows is named by a path of this machine, and nothing is trained on it.
        DurableFile.Write(folder.Recipe, Encoding.UTF8.GetBytes(RecipeWriter.Write(store.Recipe with { Evaluation = new EvaluationOptions() })));
        BaseCopy.Write(store.Recipe, folder.Base);
        DurableFile.Write(folder.AssignmentKey, store.Key.ToFileBytes(), ownerOnly: true);
        CopyAll(store.Layout.Keys, "*.pub.pem", folder.Keys);
        CopyAll(store.Layout.Certificates, "*.dsse.json", folder.Certificates);
        DurableFile.Write(folder.Log, Encoding.UTF8.GetBytes(string.Concat(store.Log.Lines.Select(line => line + "\n"))));
        if (File.Exists(store.Layout.LogHead))
        {
            DurableFile.Write(folder.LogHead, File.ReadAllBytes(store.Layout.LogHead));
        }

        foreach (var row in store.Manifest.Slices.All().Where(s => s.File is not null))
        {
            DurableFile.CreateFolder(folder.Slices(row.Place.Shard));
            using var slice = SliceFile.Open(store.Layout.Absolute(row.File!), row.Root);
            if (description.Content == AuditContent.Records)
            {
                DurableFile.Copy(store.Layout.Absolute(row.File!), folder.Slice(row.Place));
            }
            else
            {
                DurableFile.Write(folder.Leaves(row.Place), Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, slice.Count).Select(i => $"{slice.Leaf(i)}\n"))));
            }
        }

        DurableFile.Write(folder.ReadMe, Encoding.UTF8.GetBytes(AuditReadMe.Of(description, store.Recipe, guide)));
        DurableFile.Write(folder.Description, description.ToBytes());
    }

    private static void CopyAll(string from, string pattern, string to)
    {
        foreach (var file in Directory.Exists(from) ? Directory.EnumerateFiles(from, pattern) : [])
        {
            DurableFile.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
