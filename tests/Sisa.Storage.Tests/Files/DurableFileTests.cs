using Sisa.Storage.Files;
using Sisa.TestKit;

namespace Sisa.Storage.Tests.Files;

public sealed class DurableFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Writing_creates_and_replaces()
    {
        DurableFile.Write(_folder["a"], "one"u8);
        DurableFile.Write(_folder["a"], "two and more"u8);

        Assert.Equal("two and more", File.ReadAllText(_folder["a"]));
        Assert.Equal(["a"], Names());
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        DurableFile.Write(_folder["a"], "old"u8);
        Directory.CreateDirectory(_folder["a.tmp"]);

        var fault = Assert.Throws<StorageIoException>(() => DurableFile.Write(_folder["a"], "new"u8));

        Assert.Equal("old", File.ReadAllText(_folder["a"]));
        Assert.Contains(_folder["a"], fault.Message, StringComparison.Ordinal);
        Assert.NotNull(fault.Remedy);
    }

    [Fact]
    public void A_failed_rename_removes_the_temporary_file()
    {
        // A folder that is not empty cannot be replaced by a file.
        Directory.CreateDirectory(_folder["a"]);
        _folder.Write("a/inner", "x");

        Assert.Throws<StorageIoException>(() => DurableFile.Write(_folder["a"], "new"u8));
        Assert.Throws<StorageIoException>(() => DurableFile.Publish(_folder.Write("b.tmp", "x"), _folder["a"]));
        Assert.Equal(["a"], Names());
    }

    [Fact]
    public void A_missing_folder_is_an_error_with_the_path() =>
        Assert.Contains(_folder["none/a"], Assert.Throws<StorageIoException>(() => DurableFile.Write(_folder["none/a"], "x"u8)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_for_the_owner_is_readable_by_nobody_else()
    {
        DurableFile.Write(_folder["key"], "old"u8);
        DurableFile.Write(_folder["key"], "secret"u8, ownerOnly: true);

        Assert.Equal("secret", File.ReadAllText(_folder["key"]));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["key"]));
        }
    }

    [Fact]
    public void Deleting_what_is_not_there_is_done_already()
    {
        DurableFile.Delete([_folder.Write("a", "x"), _folder["b"], _folder["none/c"]]);

        Assert.Empty(Names());
    }

    [Fact]
    public void Deleting_a_folder_is_an_error()
    {
        Directory.CreateDirectory(_folder["a"]);

        Assert.Throws<StorageIoException>(() => DurableFile.Delete([_folder["a"]]));
    }

    [Fact]
    public void Folders_are_created_with_their_parents_and_again()
    {
        DurableFile.CreateFolder(_folder["a/b/c"]);
        DurableFile.CreateFolder(_folder["a/b/c"]);

        Assert.True(Directory.Exists(_folder["a/b/c"]));
        _folder.Write("file", "x");
        Assert.Throws<StorageIoException>(() => DurableFile.CreateFolder(_folder["file/d"]));
    }

    [Fact]
    public void A_flush_that_the_system_refuses_is_an_error()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Folders are not flushed on Windows.");

        Assert.Throws<StorageIoException>(() => DurableFile.FlushFolder(_folder["none"]));

        // A pipe cannot be flushed to a device.
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(pipe.SafePipeHandle.DangerousGetHandle(), ownsHandle: false);
        Assert.Contains("the pipe", Assert.Throws<StorageIoException>(() => DurableFile.Flush(handle, "the pipe")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_on_a_full_device_is_abandoned_without_another_failure()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full, the device that is always full.");
        File.CreateSymbolicLink(_folder["a"], "/dev/full");
        var stream = new FileStream(_folder["a"], FileMode.Create, FileAccess.Write, FileShare.None, 4096);
        stream.Write("stays in the buffer"u8);

        DurableFile.Abandon(stream, _folder["a"]);

        Assert.Empty(Names());
        Assert.True(stream.SafeFileHandle.IsClosed);
    }

    public void Dispose() => _folder.Dispose();

    private IEnumerable<string?> Names() => Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName);
}
