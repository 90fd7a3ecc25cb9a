using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Sisa.Storage.Files;

/// <summary>Writes files so that they are whole and durable, or not there at all.</summary>
/// <remarks>
/// Order of writes, and what a crash after each step leaves:
/// 1. write <c>NAME.tmp</c> — an orphan that recovery removes;
/// 2. fsync the file — the same;
/// 3. rename to <c>NAME</c> — the old state or the new one, after power loss perhaps still the old one;
/// 4. fsync the folder — the new state.
/// .NET's own flush returns normally when fsync fails, so fsync is called directly; a failed fsync is never retried on the
/// same file, because the kernel may have dropped the pages that it reports as clean.
/// </remarks>
public static partial class DurableFile
{
    /// <summary>Suffix of a file that is being written.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>Creates or replaces a file.</summary>
    /// <param name="path">Path of the file; its folder exists.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="ownerOnly">Whether only the owner may read it (mode 0600), as everything in a store; otherwise the process's umask decides, as for what is handed out.</param>
    /// <exception cref="StorageIoException">Any step failed; the old file, if any, is still there.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, bool ownerOnly = true)
    {
        var temporary = path + TemporarySuffix;
        try
        {
            using (var stream = ownerOnly
                ? OwnerOnly.Open(temporary, FileMode.Create, FileAccess.Write, FileShare.None)
                : new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.Write(content);
                Flush(stream.SafeFileHandle, temporary);
            }

            Publish(temporary, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            throw Failed("write", path, e);
        }
        catch (StorageIoException)
        {
            TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Creates or replaces many files of one folder, which become durable together: their bytes by one flush of the file system, their names by one of the folder.</summary>
    /// <remarks>The order is that of <see cref="Write"/>, for all files at once: after a crash each is the old one or the new one. Few files are flushed one by one, because a flush of the file
    /// system waits for what other programs wrote to it as well.</remarks>
    /// <param name="folder">The folder; it exists.</param>
    /// <param name="files">Path and bytes of each file; taken one after the other, so that they need not be in memory at once.</param>
    /// <exception cref="StorageIoException">Any step failed; each old file that was not replaced yet is still there.</exception>
    public static void WriteAll(string folder, IEnumerable<(string Path, byte[] Content)> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var written = new List<string>();
        var path = folder;
        try
        {
            var flushesEach = !OperatingSystem.IsLinux();
            foreach (var (name, content) in files)
            {
                path = name;
                written.Add(name);
                using var stream = CreateNew(name + TemporarySuffix);
                stream.Write(content);
                if (flushesEach || written.Count <= MostFlushedSingly)
                {
                    Flush(stream.SafeFileHandle, name);
                }
            }

            if (!flushesEach && written.Count > MostFlushedSingly)
            {
                FlushFileSystem(folder);
            }

            foreach (var name in written)
            {
                path = name;
                File.Move(name + TemporarySuffix, name, overwrite: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SisaException)
        {
            written.ForEach(name => TryDelete(name + TemporarySuffix));
            if (e is SisaException)
            {
                throw;
            }

            throw Failed("write", path, e);
        }

        if (written.Count > 0)
        {
            FlushFolder(folder);
        }
    }

    /// <summary>Copies a file, creating or replacing one that only its owner may read, in the order of <see cref="Write"/>. It may be larger than memory.</summary>
    /// <param name="source">Path of the file to read; a link is followed.</param>
    /// <param name="path">Path of the copy; its folder exists.</param>
    /// <returns>SHA-256 of the bytes that were copied.</returns>
    /// <exception cref="StorageIoException">Any step failed; the old file, if any, is still there.</exception>
    public static Digest Copy(string source, string path)
    {
        const int BufferBytes = 1 << 20;
        var temporary = path + TemporarySuffix;
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using (var from = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0))
            using (var to = OwnerOnly.Open(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                var buffer = new byte[BufferBytes];
                for (var length = from.Read(buffer); length > 0; length = from.Read(buffer))
                {
                    hash.AppendData(buffer, 0, length);
                    to.Write(buffer, 0, length);
                }

                Flush(to.SafeFileHandle, temporary);
            }

            Publish(temporary, path);
            return new Digest(hash.GetHashAndReset());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            throw Failed($"copy {source} to", path, e);
        }
        catch (StorageIoException)
        {
            TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Gives a finished, flushed temporary file its name, durably.</summary>
    /// <param name="temporary">The file; flushed by <see cref="Flush"/>.</param>
    /// <param name="path">Its name from now on; replaced if it exists.</param>
    /// <exception cref="StorageIoException">Rename or folder flush failed.</exception>
    public static void Publish(string temporary, string path)
    {
        try
        {
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            throw Failed("rename into place", path, e);
        }

        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Closes and removes a file that will not be finished. Throws nothing: what made it useless is what must be reported.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="path">Its path.</param>
    public static void Abandon(FileStream stream, string path)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            stream.Dispose();
        }
        catch (IOException)
        {
            // A full device refuses what is left in the buffer once more; the file is closed all the same.
        }

        TryDelete(path);
    }

    /// <summary>Removes files and makes their absence durable; a file that is not there is already removed.</summary>
    /// <param name="paths">Paths of files.</param>
    /// <exception cref="StorageIoException">A file could not be removed, or a folder not be flushed.</exception>
    public static void Delete(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var folders = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            try
            {
                File.Delete(path);
                folders.Add(Path.GetDirectoryName(Path.GetFullPath(path))!);
            }
            catch (DirectoryNotFoundException)
            {
                // Its folder is gone, and so is it.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Failed("remove", path, e);
            }
        }

        foreach (var folder in folders.Where(Directory.Exists))
        {
            FlushFolder(folder);
        }
    }

    /// <summary>Forces a file's bytes to the device.</summary>
    /// <param name="handle">The open file.</param>
    /// <param name="path">Its path, for the message.</param>
    /// <exception cref="StorageIoException">The device or the file system refused; the file must be written again.</exception>
    public static void Flush(SafeFileHandle handle, string path)
    {
        ArgumentNullException.ThrowIfNull(handle);
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.FlushToDisk(handle);
        }
        else if (FileSync(handle) != 0)
        {
            throw Failed("flush", path, new Win32Exception(Marshal.GetLastPInvokeError()));
        }
    }

    /// <summary>Forces a folder's entries to the device.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="StorageIoException">It could not be opened or flushed.</exception>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            // NTFS journals its directory entries; there is no handle to flush.
            return;
        }

        using var handle = OpenFolder(folder);
        if (FileSync(handle) != 0)
        {
            throw Failed("flush folder", folder, new Win32Exception(Marshal.GetLastPInvokeError()));
        }
    }

    // A file that is truncated, even an empty one, makes ext4 write its bytes out as it is closed, one request to the device each: what the flush of the file system does for all of them at once.
    private static FileStream CreateNew(string path)
    {
        try
        {
            return OwnerOnly.Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            // An interrupted write left it.
            File.Delete(path);
            return OwnerOnly.Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        }
    }

    // Flush everything that was written to the file system of a folder. A failure of the device is reported here, as by fsync.
    private static void FlushFileSystem(string folder)
    {
        using var handle = OpenFolder(folder);
        if (FileSystemSync(handle) != 0)
        {
            throw Failed("flush the file system of", folder, new Win32Exception(Marshal.GetLastPInvokeError()));
        }
    }

    private static SafeFileHandle OpenFolder(string folder)
    {
        var descriptor = Open(folder, ReadOnly);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw Failed("open folder", folder, new Win32Exception(Marshal.GetLastPInvokeError()));
    }

    /// <summary>Creates a folder, and makes its entry durable.</summary>
    /// <param name="folder">The folder; its parents are created too, by the same rule.</param>
    /// <param name="ownerOnly">Whether only the owner may enter it (mode 0700), as everything in a store; otherwise the process's umask decides, as for what is handed out.</param>
    /// <exception cref="StorageIoException">It could not be created.</exception>
    public static void CreateFolder(string folder, bool ownerOnly = true)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        // Every level that is made is an entry in the level above, which must be durable too.
        var parent = Path.GetDirectoryName(Path.GetFullPath(folder));
        if (parent is not null)
        {
            CreateFolder(parent, ownerOnly);
        }

        try
        {
            if (ownerOnly && !OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder, OwnerOnly.FolderPermissions);
            }
            else
            {
                Directory.CreateDirectory(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed("create folder", folder, e);
        }

        if (parent is not null)
        {
            FlushFolder(parent);
        }
    }

    /// <summary>The exception for an operation that the system refused.</summary>
    /// <param name="what">The operation, a verb.</param>
    /// <param name="path">The file.</param>
    /// <param name="cause">The system's exception.</param>
    public static StorageIoException Failed(string what, string path, Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        return new StorageIoException(
            $"Could not {what} {path}: {SystemFault.Reason(cause)}.",
            $"No acknowledged request is lost. {SystemFault.Remedy(cause) ?? "Free space or correct the permissions"}, then run the same command again.",
            cause);
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to report; recovery removes what is left.
        }
    }

    private const int ReadOnly = 0;

    // With more files, one flush of the file system is the faster way.
    private const int MostFlushedSingly = 32;

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FileSync(SafeFileHandle descriptor);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int FileSystemSync(SafeFileHandle descriptor);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
