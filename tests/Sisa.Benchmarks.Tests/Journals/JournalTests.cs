using Sisa.Benchmarks.Journals;
using Sisa.TestKit;

namespace Sisa.Benchmarks.Tests.Journals;

public sealed class JournalTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Path => _folder["cells.jsonl"];

    [Fact]
    public void What_was_appended_is_there_after_the_next_opening()
    {
        using (var journal = Open())
        {
            Assert.False(journal.Holds("a"));
            journal.Append("a", new[] { 1.5, 2 });
        }

        using var again = Open();
        Assert.True(again.Holds("a"));
        Assert.Equal([1.5, 2], again.Read<double[]>("a"));
    }

    [Fact]
    public void Half_a_line_is_cut_off_and_its_step_done_again()
    {
        using (var journal = Open())
        {
            journal.Append("a", 1);
        }

        File.AppendAllText(Path, "{\"key\":\"b\",\"val");
        using (var journal = Open())
        {
            Assert.False(journal.Holds("b"));
            journal.Append("b", 2);
        }

        using var again = Open();
        Assert.Equal((1, 2), (again.Read<int>("a"), again.Read<int>("b")));
    }

    [Fact]
    public void Other_settings_are_refused_by_name()
    {
        Open().Dispose();
        var fault = Assert.Throws<StoreException>(() => Journal.Open(Path, new { Design = new { Seed = 2, Draws = 30 } }));
        Assert.Contains("seed was 1, now 2", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("draws", fault.Message, StringComparison.Ordinal);
        Assert.Contains("study-folder", fault.Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_processes_do_not_run_the_same_study()
    {
        using var journal = Open();
        Assert.Throws<StoreBusyException>(Open);
    }

    [Fact]
    public void A_line_that_is_damaged_is_named()
    {
        Open().Dispose();
        File.AppendAllText(Path, "nonsense\n");
        Assert.Contains("Line 2", Assert.Throws<StoreException>(Open).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Journal Open() => Journal.Open(Path, new { Design = new { Seed = 1, Draws = 30 } });
}
