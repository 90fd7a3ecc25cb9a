using SQLitePCL;
using Sisa.Engine.Stores;

namespace Sisa.TestKit;

/// <summary>Takes a picture of a store, as a crash at that moment would leave it, whenever it runs a statement and something on disk
/// has changed since the last picture.</summary>
/// <remarks>Between two statements lie the writes of files, so that every order of writes is seen.</remarks>
public sealed class CrashCamera : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Store _watched;
    private readonly List<string> _pictures = [];
    private string _last = string.Empty;

    /// <summary>Begins to watch.</summary>
    public CrashCamera(Store store)
    {
        _watched = store;
        raw.sqlite3_trace(Database, (strdelegate_trace)((_, _) => Take()), null);
    }

    /// <summary>Folders of the pictures, oldest first; each is a store of its own.</summary>
    public IReadOnlyList<string> Pictures => _pictures;

    /// <summary>Takes a picture if something has changed.</summary>
    public void Take()
    {
        var state = string.Join('\n', StoreFiles.All(Folder).Select(Describe));
        if (state == _last)
        {
            return;
        }

        _last = state;
        var picture = _folder[$"{_pictures.Count:0000}"];
        StoreFiles.CopyAsAfterCrash(Folder, picture);
        _pictures.Add(picture);
    }

    /// <summary>Ends watching.</summary>
    public void Stop() => raw.sqlite3_trace(Database, (strdelegate_trace?)null, null);

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private string Folder => _watched.Layout.Root;

    private sqlite3 Database => _watched.Manifest.Connection().Handle!;

    private string Describe(string file)
    {
        var info = new FileInfo(Path.Combine(Folder, file));
        return file.EndsWith("-shm", StringComparison.Ordinal) ? string.Empty : $"{file} {info.Length} {info.LastWriteTimeUtc.Ticks}";
    }
}
