using System.Diagnostics;
using Sisa.Storage.Files;
using Sisa.TestKit;

namespace Sisa.Storage.Tests.Files;

public sealed class LogFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void A_last_line_that_a_crash_cut_off_is_written_whole_by_the_next_append()
    {
        var path = _folder.Write("log.jsonl", "one\ntw");

        new LogFile(path).Append(default, ["one", "two", "three"], present => Assert.Equal(["one"], present));

        Assert.Equal("one\ntwo\nthree\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_file_that_cannot_be_made_is_told_at_once()
    {
        var watch = Stopwatch.StartNew();

        Assert.Throws<StorageIoException>(() => new LogFile(_folder[new string('x', 300)]).Append(default, ["one"], _ => { }));

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"It was tried again for {watch.Elapsed.TotalSeconds:0} s.");
    }

    public void Dispose() => _folder.Dispose();
}
