using Sisa.Engine.Ingesting;
using Sisa.Readers.Lists;
using Sisa.Readers.Losses;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Engine.Tests.Ingesting;

/// <summary>What ingestion tells of rows that do not become items, and which row it names first.</summary>
public sealed class LossTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Every_line_is_read_ingested_skipped_forgotten_or_excepted()
    {
        using var store = new TestStore(Csv());
        var first = _folder.Write("first.csv", Header + Line(1) + Line(2));
        new Ingestor(store.Store).Ingest([first], new IngestOptions());
        store.Train();
        store.Forget("2");
        var second = _folder.Write(
            "second.csv",
            Header + Line(2) + Line(3) + Line(4) + Line(3) + "5,u,\"open,red\n" + Line(6) + Line(7) + "8,u,\"shut\" t,red\n" + "9,u,text,mauve\n\n" + "10,u,\"two\nlines\",red\n" + Line(1) + "only,two\n");

        var report = new Ingestor(store.Store).Ingest([second], new IngestOptions { SkipFaults = true, Except = new TargetList(["4"], [], []) });

        Assert.Equal(new LineAccount(Read: 13, Ingested: 3, Skipped: 8, Forgotten: 1, Excepted: 1), report.Lines);
        Assert.Equal((2L, 8L, 1L, 1L), (report.Items, report.Skipped, report.Forgotten, report.Excepted));
        Assert.Equal(report.Lines.Read, report.Lines.Ingested + report.Lines.Skipped + report.Lines.Forgotten + report.Lines.Excepted);
        Assert.Equal(
            [
                "Duplicate lines 2 in 2: 5, 14", "Forgotten lines 1 in 1: 2", "Form lines 1 in 1: 15", "Quotation lines 4 in 1: 6–9", "Value lines 1 in 1: 10",
            ],
            report.Losses.Select(Shown).Order(StringComparer.Ordinal));
        Assert.All(report.Losses, loss => Assert.Equal(second, loss.File));
    }

    [Fact]
    public void Ranges_of_losses_join_and_are_bounded()
    {
        using var store = new TestStore(Csv());
        var lines = Enumerable.Range(1, 1000).Select(i => i <= 100 || i % 2 == 0 ? $"{i},u,text,mauve\n" : Line(i));
        var report = new Ingestor(store.Store).Ingest([_folder.Write("x.csv", Header + string.Concat(lines))], new IngestOptions { SkipFaults = true });

        var loss = Assert.Single(report.Losses);
        Assert.Equal((550L, 100, false), (loss.Lines, loss.Ranges.Count, loss.RangesAreWhole));
        Assert.Equal([new LineRange(2, 101), new LineRange(103, 103)], loss.Ranges.Take(2));
    }

    [Fact]
    public void The_row_that_is_named_is_the_first_bad_one_whatever_is_wrong_with_it()
    {
        using var store = new TestStore(Csv(shards: 5));
        var repeated = string.Concat(Enumerable.Range(1, 40).Select(Line)) + string.Concat(Enumerable.Range(1, 40).Reverse().Select(i => $"{i},u{i},text,red\n"));

        Assert.Equal(42, FaultOf(store, repeated).Row);
        Assert.Equal(42, FaultOf(store, repeated + "x,u,text,mauve\n").Row);
        Assert.Equal(2, FaultOf(store, "x,u,text,mauve\n" + repeated).Row);

        // The same ids under other subjects live in other slices.
        Assert.Equal(12, FaultOf(store, string.Concat(Enumerable.Range(1, 10).Select(Line)) + "9,other,text,red\n3,another,text,red\n9,u9,text,red\n").Row);
    }

    [Fact]
    public void Files_of_one_name_are_refused_where_rows_are_named_by_it_and_accepted_elsewhere()
    {
        Directory.CreateDirectory(_folder["a"]);
        Directory.CreateDirectory(_folder["b"]);
        string[] files = [_folder.Write("a/x.csv", Header + Line(1)), _folder.Write("b/x.csv", Header + Line(2))];
        using var named = new TestStore(Csv());
        using var unnamed = new TestStore(Csv() with { Corpus = Csv().Corpus with { Fields = Csv().Corpus.Fields with { Id = [] } } });

        Assert.Equal(2, new Ingestor(named.Store).Ingest(files, new IngestOptions()).Items);
        var fault = Assert.Throws<CorpusException>(() => new Ingestor(unnamed.Store).Ingest(files, new IngestOptions()));
        Assert.StartsWith($"{files[0]} and {files[1]} have the same file name", fault.Message, StringComparison.Ordinal);
        Assert.Contains("named twice", Assert.Throws<CorpusException>(() => new Ingestor(named.Store).Ingest([files[0], files[0]], new IngestOptions())).Message, StringComparison.Ordinal);

        // One after the other, the hint says why the ids are the same.
        new Ingestor(unnamed.Store).Ingest([files[0]], new IngestOptions());
        Assert.Contains("maps no id", Assert.Throws<CorpusException>(() => new Ingestor(unnamed.Store).Ingest([files[1]], new IngestOptions())).Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rerun_from_source_files_tells_the_same_losses()
    {
        using var store = new TestStore(Csv());
        var file = _folder.Write("x.csv", Header + string.Concat(Enumerable.Range(1, 20).Select(i => i == 5 ? "5,u,\"open,red\n" : i == 9 ? "9,u,\"shut\" t,red\n" : Line(i))));
        new Ingestor(store.Store).Ingest([file], new IngestOptions { SkipFaults = true });
        store.Train();

        var report = new Engine.Verifying.Rerun(store.Store, store.Trainer).Run(new Engine.Verifying.RerunSource { Files = [file], SkipFaults = true }, _folder["rerun"], TimeSpan.Zero);

        Assert.True(report.IsVerified);
        Assert.Equal(new LineAccount(20, 15, 5, 0, 0), report.Lines);
        Assert.Equal("Quotation lines 5 in 1: 6–10", Shown(Assert.Single(report.Losses)));
    }

    public void Dispose() => _folder.Dispose();

    private const string Header = "id,author,text,label\n";

    private static string Line(int i) => $"{i},u{i},text {i},red\n";

    private static string Shown(RowLoss loss) => $"{loss.Reason} {loss.Unit} {loss.Lines} in {loss.Rows}: {string.Join(", ", loss.Ranges)}";

    private static Recipe Csv(int shards = 2) => SmallRecipes.Text(shards, 2);

    private CorpusException FaultOf(TestStore store, string rows) =>
        Assert.Throws<CorpusException>(() => new Ingestor(store.Store).Ingest([_folder.Write("bad.csv", Header + rows)], new IngestOptions()));
}
