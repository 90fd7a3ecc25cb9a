using Spectre.Console;

namespace Sisa.Cli.Terminal;

/// <summary>Tables of data: plain characters, no colour, never broken at the width of a terminal.</summary>
internal static class Grid
{
    public static void Write(TextWriter writer, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, bool numbersRight = false)
    {
        var table = new Table().Border(TableBorder.Simple);
        for (var i = 0; i < columns.Count; i++)
        {
            var column = new TableColumn(Markup.Escape(columns[i])).NoWrap();
            table.AddColumn(numbersRight && i > 0 ? column.RightAligned() : column);
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => Markup.Escape(VisibleText.Of(cell))).ToArray());
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = 10_000;
        console.Write(table);
    }
}
