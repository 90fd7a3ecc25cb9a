using Sisa.Engine.Stores;
using Sisa.Sharding;
using Sisa.Storage.Files;

namespace Sisa.Engine.Publishing;

/// <summary>Writes a folder that is handed out, and registers it, so that it can be recalled when its items are forgotten.</summary>
/// <remarks>Order: everything is written into DIR.partial-PID; the folder is registered; DIR.partial-PID becomes DIR. A fault removes
/// DIR.partial-PID. A crash leaves a folder that cannot be mistaken for a finished one, or at worst a registered folder that does not exist.</remarks>
public static class Handout
{
    /// <summary>The absolute path of a folder, without a separator at its end.</summary>
    /// <param name="folder">As the user named it.</param>
    public static string Target(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    /// <summary>Refuses a folder that exists, before anything is done for it.</summary>
    /// <param name="folder">As the user named it.</param>
    /// <exception cref="StorageIoException">It exists.</exception>
    public static void RequireFree(string folder)
    {
        var target = Target(folder);
        if (Directory.Exists(target) || File.Exists(target))
        {
            throw new StorageIoException($"{target} already exists.", "Name a folder that does not exist yet.");
        }
    }

    /// <summary>Writes a folder.</summary>
    /// <typeparam name="T">Result of the writer.</typeparam>
    /// <param name="store">The store.</param>
    /// <param name="folder">Where; must not exist.</param>
    /// <param name="epoch">The epoch, read before anything is written.</param>
    /// <param name="stages">How far the lineage of what is written goes, by shard.</param>
    /// <param name="write">Writes into a folder that exists.</param>
    /// <param name="ownerOnly">Whether only the owner may read it; otherwise the process's umask decides.</param>
    /// <returns>The result of the writer.</returns>
    /// <exception cref="StorageIoException">The folder exists, or cannot be written.</exception>
    /// <exception cref="StoreBusyException">The bundle changed meanwhile; nothing is left.</exception>
    public static T Write<T>(Store store, string folder, long epoch, IEnumerable<Placement> stages, Func<string, T> write, bool ownerOnly)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(write);
        RequireFree(folder);
        var target = Target(folder);
        var partial = $"{target}.partial-{Environment.ProcessId}";
        if (Directory.Exists(partial))
        {
            throw new StorageIoException($"{partial} already exists.", "An interrupted export left it behind. Remove it.");
        }

        try
        {
            DurableFile.CreateFolder(partial, ownerOnly);
            var made = write(partial);
            if (!ownerOnly)
            {
                OwnerOnly.Share(partial);
            }

            Register(store, target, epoch, stages);
            Publish(partial, target);
            return made;
        }
        catch
        {
            // What something was asked to be forgotten from must not be left lying about.
            Remove(partial);
            throw;
        }
    }

    private static void Register(Store store, string target, long epoch, IEnumerable<Placement> stages) => store.Manifest.Write(() =>
    {
        // What was read may have been taken out of service meanwhile; then it must not leave the house.
        if (store.Manifest.Settings.Epoch != epoch)
        {
            throw new StoreBusyException("The bundle changed during the export. Nothing was exported.", "Run the same command again.");
        }

        store.Manifest.Exports.Add(target, epoch, store.Now, stages);
        store.RecordExport();
    });

    private static void Publish(string partial, string target)
    {
        try
        {
            Directory.Move(partial, target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DurableFile.Failed("rename into place", target, e);
        }

        DurableFile.FlushFolder(Path.GetDirectoryName(target)!);
    }

    private static void Remove(string partial)
    {
        try
        {
            if (Directory.Exists(partial))
            {
                Directory.Delete(partial, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The fault that ended the export is the one to report; the name of the folder says what it is.
        }
    }
}
