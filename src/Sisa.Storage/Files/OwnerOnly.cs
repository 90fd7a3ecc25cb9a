namespace Sisa.Storage.Files;

/// <summary>Files and folders that only their owner may read and write, whatever the process's umask: everything in a store.</summary>
/// <remarks>On Windows, where folders inherit who may read them, these are ordinary files.</remarks>
public static class OwnerOnly
{
    /// <summary>Mode of a file: 0600.</summary>
    public const UnixFileMode FilePermissions = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Mode of a folder: 0700.</summary>
    public const UnixFileMode FolderPermissions = FilePermissions | UnixFileMode.UserExecute;

    /// <summary>Opens a file. Only the owner may read a new one; an existing one keeps its mode (<see cref="Tighten"/>).</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="mode">Whether it is created, replaced or kept.</param>
    /// <param name="access">The caller's access.</param>
    /// <param name="share">The access of others meanwhile.</param>
    /// <param name="bufferBytes">Size of the buffer; 0 for none.</param>
    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share, int bufferBytes = 0)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = bufferBytes };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open)
        {
            options.UnixCreateMode = FilePermissions;
        }

        return new FileStream(path, options);
    }

    /// <summary>Removes the rights of all other users from a store, for stores of older versions and for files that were restored from a backup.</summary>
    /// <param name="layout">The store. Its own folder is left as it is: it may have been there before the store.</param>
    /// <exception cref="StorageIoException">A mode cannot be changed.</exception>
    public static void Tighten(StoreLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (var file in layout.OwnFiles.Where(File.Exists))
        {
            Change(file, FilePermissions);
        }

        foreach (var folder in layout.OwnFolders.Where(Directory.Exists))
        {
            Change(new DirectoryInfo(folder), FolderPermissions, FilePermissions);
        }
    }

    /// <summary>Gives a folder and everything in it the folder's own mode, as the umask set it: for folders that are handed out.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="StorageIoException">A mode cannot be changed.</exception>
    public static void Share(string folder)
    {
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
            var mode = File.GetUnixFileMode(folder);
            Change(new DirectoryInfo(folder), mode, mode & ~Execute);
        }
    }

    // Do not follow links: their targets belong to somebody else.
    private static void Change(DirectoryInfo folder, UnixFileMode folders, UnixFileMode files)
    {
        if (folder.LinkTarget is not null)
        {
            return;
        }

        Change(folder.FullName, folders);
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo below)
            {
                Change(below, folders, files);
            }
            else if (entry.LinkTarget is null)
            {
                Change(entry.FullName, files);
            }
        }
    }

    private static void Change(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        try
        {
            if (File.GetUnixFileMode(path) != mode)
            {
                File.SetUnixFileMode(path, mode);
            }
        }
        catch (FileNotFoundException)
        {
            // Another process removed it meanwhile.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DurableFile.Failed("change the mode of", path, e);
        }
    }
}
