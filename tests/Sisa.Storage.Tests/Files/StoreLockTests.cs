using Sisa.Storage.Files;
using Sisa.TestKit;

namespace Sisa.Storage.Tests.Files;

public sealed class StoreLockTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private StoreLayout Layout => new(_folder.Path);

    [Fact]
    public void A_second_holder_is_refused_at_once_without_patience()
    {
        using var first = StoreLock.Acquire(Layout, TimeSpan.Zero);

        var fault = Assert.Throws<StoreBusyException>(() => StoreLock.Acquire(Layout, TimeSpan.Zero));
        Assert.Contains(_folder.Path, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_free_again_when_it_is_released()
    {
        StoreLock.Acquire(Layout, TimeSpan.Zero).Dispose();
        StoreLock.Acquire(Layout, TimeSpan.Zero).Dispose();

        Assert.True(File.Exists(Layout.Lock));
    }

    [Fact]
    public void With_patience_a_second_holder_says_so_once_and_waits()
    {
        var first = StoreLock.Acquire(Layout, TimeSpan.Zero);
        var told = 0;

        using var second = StoreLock.Acquire(Layout, TimeSpan.FromMinutes(5), () =>
        {
            told++;
            first.Dispose();
        });

        Assert.Equal(1, told);
    }

    [Fact]
    public void Patience_ends()
    {
        using var first = StoreLock.Acquire(Layout, TimeSpan.Zero);
        var told = 0;

        Assert.Throws<StoreBusyException>(() => StoreLock.Acquire(Layout, TimeSpan.FromMilliseconds(250), () => told++));
        Assert.Equal(1, told);
    }

    [Fact]
    public void Waiting_can_be_cancelled()
    {
        using var first = StoreLock.Acquire(Layout, TimeSpan.Zero);
        using var cancellation = new CancellationTokenSource();

        Assert.ThrowsAny<OperationCanceledException>(() => StoreLock.Acquire(Layout, TimeSpan.FromMinutes(5), cancellation.Cancel, cancellation.Token));
    }

    [Fact]
    public void A_folder_that_is_missing_is_an_error_and_not_a_busy_store() =>
        Assert.Throws<StorageIoException>(() => StoreLock.Acquire(new StoreLayout(_folder["none"]), TimeSpan.Zero));

    [Fact]
    public void A_lock_file_that_cannot_be_opened_is_an_error_and_nobody_waits_for_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links to themselves need rights there.");
        File.CreateSymbolicLink(Layout.Lock, Layout.Lock);

        var fault = Assert.Throws<StorageIoException>(() => StoreLock.Acquire(Layout, TimeSpan.FromMinutes(5), () => Assert.Fail("It waits.")));
        Assert.Contains(Layout.Lock, fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
