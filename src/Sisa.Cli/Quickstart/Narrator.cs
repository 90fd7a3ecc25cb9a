using Sisa.Cli.Terminal;
using Spectre.Console;

namespace Sisa.Cli.Quickstart;

/// <summary>Prints the quickstart's story: numbered steps with short texts, commands as typed, aligned figures.</summary>
/// <remarks>On standard output, as it is what was asked for; with <c>--json</c> on standard error, so that standard output holds the document
/// alone. Plain characters unless that is a terminal, and with <c>NO_COLOR</c>.</remarks>
internal sealed class Narrator
{
    private const int Width = 78;
    private const int LongestOption = 36;
    private const string Indent = "   ";

    private readonly IAnsiConsole _screen;
    private int _step;

    /// <summary>Begins the story.</summary>
    /// <param name="output">The outputs of this run.</param>
    public Narrator(Output output) => _screen = output.Json ? output.Screen : Screen(output.Data);

    /// <summary>Shows a title without a number.</summary>
    public void Title(string title)
    {
        _screen.WriteLine();
        _screen.MarkupLine($"[bold]{Markup.Escape(title)}[/]");
    }

    /// <summary>Begins a step.</summary>
    public void Step(string title) => Title($"{++_step}  {title}");

    /// <summary>Prints sentences, broken into lines.</summary>
    public void Tell(string text)
    {
        foreach (var line in Wrap(text))
        {
            _screen.MarkupLine(Indent + Markup.Escape(line));
        }
    }

    /// <summary>Shows a command as one types it.</summary>
    /// <param name="words">Its words; those that a shell would take apart are quoted.</param>
    public void Command(params IEnumerable<string> words)
    {
        var lines = new List<string> { "$" };
        foreach (var word in words.Select(Quote))
        {
            // An option begins a line of its own where the line before is full; the backslash lets a shell read both as one.
            if (word.StartsWith("--", StringComparison.Ordinal) && Indent.Length + lines[^1].Length + LongestOption > Width)
            {
                lines[^1] += " \\";
                lines.Add("     " + word);
            }
            else
            {
                lines[^1] += " " + word;
            }
        }

        foreach (var line in lines)
        {
            _screen.MarkupLine($"{Indent}[blue]{Markup.Escape(line)}[/]");
        }
    }

    /// <summary>Leaves a line empty.</summary>
    public void Space() => _screen.WriteLine();

    /// <summary>Shows rows whose cells stand below each other; the last may hold any script.</summary>
    /// <param name="rows">The rows, of the same number of cells.</param>
    /// <param name="numbers">Whether all cells but the first are aligned to the right.</param>
    /// <param name="style">Colour of a row by its number, or <see langword="null"/>.</param>
    public void Rows(IReadOnlyList<IReadOnlyList<string>> rows, bool numbers = false, Func<int, string?>? style = null)
    {
        var last = rows[0].Count - 1;
        var widths = Enumerable.Range(0, last + 1).Select(column => rows.Max(row => row[column].Length)).ToArray();
        for (var i = 0; i < rows.Count; i++)
        {
            var cells = rows[i].Select((cell, column) =>
                numbers && column > 0 ? cell.PadLeft(widths[column])
                : column < last ? cell.PadRight(widths[column])
                : cell);
            var line = Indent + Markup.Escape(string.Join("  ", cells).TrimEnd());
            _screen.MarkupLine(style?.Invoke(i) is { } colour ? $"[{colour}]{line}[/]" : line);
        }
    }

    private static IAnsiConsole Screen(TextWriter data)
    {
        var plain = Console.IsOutputRedirected || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var screen = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(data),
        });
        if (Console.IsOutputRedirected)
        {
            // A file has no width; without this long lines would be broken at eighty columns.
            screen.Profile.Width = 10_000;
        }

        return screen;
    }

    private static IEnumerable<string> Wrap(string text)
    {
        var line = string.Empty;
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && Indent.Length + line.Length + 1 + word.Length > Width)
            {
                yield return line;
                line = string.Empty;
            }

            line += line.Length > 0 ? " " + word : word;
        }

        yield return line;
    }

    private static string Quote(string word) =>
        word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':' or '\\' or '=') ? word : $"\"{word}\"";
}
