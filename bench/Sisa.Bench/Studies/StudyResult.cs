using System.Globalization;
using System.Text;

namespace Sisa.Bench.Studies;

/// <summary>A table of measurements with the machine in its caption; written as Markdown under <c>bench/results/MACHINE</c>.</summary>
internal sealed class StudyResult(string title, string command)
{
    private readonly StringBuilder _text = new();

    /// <summary>Adds a paragraph.</summary>
    public void Say(string text)
    {
        Console.WriteLine(text);
        _text.AppendLine(text).AppendLine();
    }

    /// <summary>Adds a table.</summary>
    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var lines = new List<string> { Line(columns), Line([.. columns.Select((_, i) => i == 0 ? "---" : "---:")]) };
        lines.AddRange(rows.Select(Line));
        lines.ForEach(Console.WriteLine);
        lines.ForEach(line => _text.AppendLine(line));
        _text.AppendLine();
    }

    /// <summary>Writes the result.</summary>
    public void Write(string name)
    {
        var folder = Machine.Results;
        Directory.CreateDirectory(folder);
        var head = string.Create(CultureInfo.InvariantCulture, $"# {title}\n\nMachine: {Machine.Name}; {Machine.Versions}. {DateTime.UtcNow:yyyy-MM-dd}.\nCommand: `{command}`\n\n");
        var path = Path.Combine(folder, name + ".md");
        File.WriteAllText(path, head + _text.ToString().TrimEnd() + "\n");
        Console.WriteLine($"\nWritten to {Path.GetRelativePath(Machine.Root, path)}");
    }

    private static string Line(IReadOnlyList<string> cells) => $"| {string.Join(" | ", cells)} |";
}
