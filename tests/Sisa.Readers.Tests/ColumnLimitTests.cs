using System.Text;

namespace Sisa.Readers.Tests;

/// <summary>Rows of absurdly many columns are refused before fields are made of them.</summary>
public sealed class ColumnLimitTests : IDisposable
{
    private const int Columns = 250_000;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("a.csv", ",")]
    [InlineData("a.tsv", "\t")]
    [InlineData("a.csv", "\"\n\",")]
    public void A_row_of_absurdly_many_columns_is_refused(string name, string field)
    {
        var path = _folder.Write(name, Header(name) + string.Concat(Enumerable.Repeat(field, Columns)));

        Assert.Contains($"more than {Columns} columns", Samples.Fault(path, Samples.Text).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_rows_with_quotation_marks_are_no_wide_row()
    {
        var rows = new StringBuilder(Header("a.csv"));
        for (var i = 0; i < Columns / 4; i++)
        {
            rows.Append(System.Globalization.CultureInfo.InvariantCulture, $"{i},a,\"x, \"\"y\"\", z,,\",world\r\n");
        }

        Assert.Equal(Columns / 4, CorpusReader.Read(_folder.Write("a.csv", rows.ToString()), Samples.Text).Count());
    }

    public void Dispose() => _folder.Dispose();

    private static string Header(string name) => string.Join(name.EndsWith(".tsv", StringComparison.Ordinal) ? "\t" : ",", "id", "author", "text", "topic") + "\n";
}
