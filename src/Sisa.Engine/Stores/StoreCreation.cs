using System.Security.Cryptography;
using Sisa.Checkpoints;
using Sisa.Engine.Certifying;
using Sisa.Evidence;
using Sisa.Sharding;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Engine.Stores;

/// <summary>Makes the folder of a new store.</summary>
/// <remarks>Order of writes: folders, keys, the files of the model, the log's file, the manifest, within its last transaction the signing keys. Only with that transaction is there a store; whatever a
/// crash leaves before it, the next <c>init</c> replaces, and after it nothing is written that could still fail.</remarks>
internal static class StoreCreation
{
    public static Store Create(string folder, Recipe recipe, AssignmentKey? key, TimeProvider? clock, string? passphrase, bool copiesBase)
    {
        var layout = new StoreLayout(folder);
        if (SqliteManifest.IsFinished(layout))
        {
            throw new StoreException($"{layout.Root} already holds a store.", $"Name another folder with {Step.StoreFolder}, or remove that store.");
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
        var tombstoneKey = StoreMarks.ReadKey(layout.TombstoneKey);
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
                // Beside an unfinished manifest, these files come from an interrupted init. Without a manifest they belong to somebody else, and are kept.
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
        manifest.Settings["tombstoneKey"] = StoreMarks.CommitmentOf(tombstoneKey);
        manifest.Settings["epoch"] = "0";
        manifest.Settings.WithdrawnAt = 0;
        manifest.Settings["logOrigin"] = $"sisa/{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        manifest.Log.Add(opened);
        manifest.Items.IndexSubjects(Store.HasSubjects(recipe));
        using var assignment = new ShardManager(key, recipe.Ensemble);
        foreach (var place in assignment.Placements)
        {
            manifest.Slices.Set(new SliceRow(place, null, SliceRoot.Empty));
        }
    }

    // The next run would remove them as garbage, or they are a store whose manifest was lost. An interrupted init leaves only these files.
    private static void RefuseOthersFiles(StoreLayout layout)
    {
        if (!Directory.Exists(layout.Root))
        {
            return;
        }

        string[] own = [layout.Manifest, layout.Manifest + "-wal", layout.Manifest + "-shm", layout.Manifest + "-journal", layout.Lock, layout.AssignmentKey, layout.TombstoneKey, layout.LogFile, .. File.Exists(layout.Manifest) ? KeyRing.FilesOf(layout) : []];
        var allowed = own.Concat(own.Select(path => path + DurableFile.TemporarySuffix)).Append(Path.Combine(layout.Root, "README.md")).ToHashSet();

        // An older folder 'base' belongs to somebody else. An init writes its own after the keys.
        bool IsBase(string path) => File.Exists(layout.AssignmentKey) && Path.GetDirectoryName(path) == layout.Base;
        var all = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };
        if (Directory.EnumerateFiles(layout.Root, "*", all).FirstOrDefault(path => !allowed.Contains(path) && !IsBase(path)) is { } other)
        {
            throw new StoreException(
                $"{layout.Root} is not empty: it holds {layout.Relative(other)}, and no complete manifest.",
                $"Name an empty folder with {Step.StoreFolder}. If this was a store, restore the whole folder from one backup; a manifest alone does not match the other files.");
        }
    }
}
