using System.Text;
using Sisa.Corpora;
using Sisa.Models;
using Sisa.Training;

namespace Sisa.Readers.Tests;

/// <summary>Quotation marks of CSV that swallow rows: what is refused, what is told, what is left alone.</summary>
public sealed class SwallowedRowsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static Recipe Labelled { get; } = new()
    {
        Labels = ["a", "b"],
        Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["id"], Text = ["text"], Label = "y" } },
        Features = new FeatureOptions { Text = new TextFeature() },
        Model = new TextClassifierOptions(),
    };

    private static Recipe Unlabelled { get; } = Labelled with
    {
        Task = TaskKind.LanguageModel,
        Labels = [],
        Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["id"], Text = ["text"] } },
    };

    [Fact]
    public void A_bad_quotation_mark_is_told_with_all_lines_that_it_swallows()
    {
        var faults = Read(Csv(line => line == 10 ? "10,\"open,a" : line == 40 ? "40,\"shut\" text,b" : $"{line},text,a", 50), Labelled, out var rows);

        var fault = Assert.Single(faults);
        Assert.Equal((11L, 41L, RowFaultReason.Quotation), (fault.Row, fault.LastRow, fault.Reason));
        Assert.Contains("the row takes lines 11 to 41", fault.Message, StringComparison.Ordinal);
        Assert.Equal(19, rows);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(40)]
    public void Two_stray_quotation_marks_that_make_one_good_row_of_several_are_refused(int end)
    {
        var faults = Read(Csv(line => line == 10 ? "10,\"open,a" : line == end ? $"{end},shut\",b" : $"{line},text,a", 50), Labelled, out var rows);

        var fault = Assert.Single(faults);
        Assert.Equal((11L, (long?)(end + 1), RowFaultReason.Quotation), (fault.Row!.Value, fault.LastRow, fault.Reason));
        Assert.Contains("was not closed", fault.Message, StringComparison.Ordinal);
        Assert.Equal(50 - (end - 9), rows);
    }

    [Fact]
    public void Rows_swallowed_in_a_column_that_nothing_maps_are_refused()
    {
        var csv = "id,note,text,y\n" + string.Concat(Enumerable.Range(1, 20).Select(i => i == 5 ? "5,\"open,text,a\n" : i == 9 ? "9,shut\",text,b\n" : $"{i},n,text,b\n"));

        Assert.Equal((6L, (long?)10), Assert.Single(Read(csv, Labelled, out var rows).Select(f => (f.Row!.Value, f.LastRow))));
        Assert.Equal(15, rows);
    }

    [Fact]
    public void Without_labels_lines_with_ids_of_the_same_make_are_rows()
    {
        var csv = "id,text\n" + string.Concat(Enumerable.Range(1, 20).Select(i => i == 5 ? "u5,\"open\n" : i == 12 ? "u12,shut\"\n" : $"u{i},text\n"));

        Assert.Equal((6L, (long?)13), Assert.Single(Read(csv, Unlabelled, out _).Select(f => (f.Row!.Value, f.LastRow))));
    }

    [Theory]
    [InlineData("1,\"first line\nsecond, with a comma\n\nfourth line\",a\n")]
    [InlineData("1,\"a letter,\nsigned,\nby me\",b\n")]
    [InlineData("1,\"a\",a\n2,\"one\r\ntwo\r\nthree\",b\n")]
    public void Texts_of_several_lines_stay_one_row(string rows)
    {
        Assert.Empty(Read("id,text,y\n" + rows, Labelled, out _));
    }

    [Fact]
    public void A_text_that_holds_a_table_of_other_ids_is_kept_and_told()
    {
        var notices = new List<string>();
        var csv = "id,text,y\n1,\"x,1,2\nz,3,4\nw,5,6\nu,9,9\nv,7,8\",a\n2,short,b\n";

        Assert.Empty(Read(csv, Labelled, out var rows, notices.Add));

        Assert.Equal(2, rows);
        Assert.Contains("lines 2–6", Assert.Single(notices), StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_of_very_many_lines_is_told()
    {
        var notices = new List<string>();

        Assert.Empty(Read("id,text,y\n1,\"" + string.Concat(Enumerable.Repeat("prose\n", 1500)) + "\",a\n", Labelled, out _, notices.Add));

        Assert.Contains("more than 1000 lines", Assert.Single(notices), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string Csv(Func<int, string> row, int rows) => "id,text,y\n" + string.Concat(Enumerable.Range(1, rows).Select(i => row(i) + "\n"));

    private List<CorpusException> Read(string csv, Recipe recipe, out int rows, Action<string>? notice = null)
    {
        var path = _folder.Write("x.csv", Encoding.UTF8.GetBytes(csv));
        var faults = new List<CorpusException>();
        bool Keep(CorpusException fault)
        {
            faults.Add(fault);
            return true;
        }

        rows = CorpusReader.Read(path, recipe, new ReadOptions { OnFault = Keep, OnNotice = notice }).Count();
        return faults;
    }
}
