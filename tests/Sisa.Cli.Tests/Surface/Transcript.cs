using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sisa.Cli.Tests.Surface;

/// <summary>Commands with <c>--json</c> and what they answered, a text for each verb; what differs from run to run and from machine to machine is masked.</summary>
/// <param name="sisa">The program, in its folder.</param>
/// <param name="life">Name of the story that the commands tell, and of its folder in <c>Transcripts/</c>.</param>
/// <param name="drawn">Members whose values a model draws.</param>
internal sealed partial class Transcript(SisaCommand sisa, string life, params IReadOnlyCollection<string> drawn)
{
    // Numbers under a name with one of these words come from trained weights, from a clock or from the machine, and some are whole by chance.
    private static readonly HashSet<string> Measured = new(StringComparer.OrdinalIgnoreCase)
    {
        "accuracy", "bits", "brier", "bytes", "calibration", "confusion", "entropy", "exposure", "high", "loss", "low", "membership", "perplexity", "precision", "probabilities", "recall", "score", "seconds",
    };

    /// <summary>Folder of the transcripts, within that of all snapshots.</summary>
    public const string Folder = "Transcripts";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // What the processor, or the files of the database's journal, decide.
    private static readonly HashSet<string> OfMachine = ["cpu", "cpuFeatures", "cpuCaches", "cpuCapability", "filesSearched", "machine", "versions", "date", "workers"];

    private readonly Dictionary<string, StringBuilder> _byVerb = new(StringComparer.Ordinal);

    /// <summary>Every verb that does something, by its path of names, as <c>keys rotate</c>.</summary>
    public static IReadOnlyList<string> Verbs { get; } = [.. Leaves(Program.CreateRoot(), string.Empty)];

    /// <summary>Runs a command with <c>--json</c> and records its answer.</summary>
    /// <param name="code">The exit code that it must have.</param>
    /// <param name="arguments">Verb and options, without <c>--json</c>.</param>
    public CommandResult Run(ExitCode code, params string[] arguments) => Add(sisa.Run([.. arguments, "--json"]).Expect(code), arguments);

    /// <summary>Runs a command that must succeed.</summary>
    /// <param name="arguments">Verb and options, without <c>--json</c>.</param>
    public CommandResult Run(params string[] arguments) => Run(ExitCode.Done, arguments);

    /// <summary>Records an answer.</summary>
    /// <param name="result">The answer.</param>
    /// <param name="arguments">Verb and options, without <c>--json</c>.</param>
    public CommandResult Add(CommandResult result, params string[] arguments)
    {
        var line = string.Join(' ', arguments.Select(a => a.Contains(' ', StringComparison.Ordinal) ? $"'{a}'" : a));
        var verb = Verbs.Where(name => $"{line} ".StartsWith($"{name} ", StringComparison.Ordinal)).MaxBy(name => name.Length)!;
        if (!_byVerb.TryGetValue(verb, out var text))
        {
            _byVerb[verb] = text = new StringBuilder();
        }

        text.Append(CultureInfo.InvariantCulture, $"$ sisa {Text(line)} --json\n");
        foreach (var document in Documents(result.Output))
        {
            text.Append(Mask(document, string.Empty)?.ToJsonString(Indented) ?? "null").Append('\n');
        }

        text.Append(result.ExitCode == 0 ? "\n" : $"exit code {result.ExitCode}\n\n");
        return result;
    }

    /// <summary>Compares the texts with the committed ones.</summary>
    public void Require()
    {
        foreach (var (verb, text) in _byVerb)
        {
            Snapshot.Require(Path.Combine(Folder, life, FileOf(verb)), text.ToString());
        }
    }

    /// <summary>The name of a verb's file, the same in every life.</summary>
    /// <param name="verb">Its path of names.</param>
    public static string FileOf(string verb) => verb.Replace(' ', '-') + ".txt";

    private static IEnumerable<string> Leaves(Command command, string path) =>
        command.Subcommands.Count == 0 ? [path] : command.Subcommands.SelectMany(inner => Leaves(inner, $"{path} {inner.Name}".TrimStart()));

    // One document, or one a line where a verb streams.
    private static IEnumerable<JsonNode?> Documents(string output) => output.StartsWith('{') && output.TrimEnd().Contains("\n{", StringComparison.Ordinal)
        ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line))
        : output.Length == 0 ? [] : [JsonNode.Parse(output)];

    private JsonNode? Mask(JsonNode? node, string name) => node switch
    {
        _ when drawn.Contains(name) => "DRAWN",
        _ when OfMachine.Contains(name) => "MACHINE",
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(Text(member.Key), Mask(member.Value, IsNamed(name) ? name : member.Key)))),
        JsonArray items => MaskItems(items, name),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Text(value.GetValue<string>()),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number => IsNamed(name) || !long.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var whole) ? "NUMBER" : whole,
        null => null,
        _ => node.DeepClone(),
    };

    // Items that look alike are told once, with their number.
    private JsonArray MaskItems(JsonArray items, string name)
    {
        var masked = new JsonArray();
        var (last, alike) = (string.Empty, 0);
        foreach (var item in items.Select(item => Mask(item, name)).Append(null))
        {
            var text = item?.ToJsonString() ?? string.Empty;
            if (text == last && alike > 0)
            {
                alike++;
                continue;
            }

            if (alike > 1)
            {
                masked.Add($"{alike} alike");
            }

            (last, alike) = (text, 1);
            if (item is not null)
            {
                masked.Add(item);
            }
        }

        return masked;
    }

    private static bool IsNamed(string name) => Word().Matches(name).Any(word => Measured.Contains(word.Value));

    private string Text(string text)
    {
        text = text.Replace(sisa.Folder, "FOLDER", StringComparison.Ordinal);
        text = Digest().Replace(text, "DIGEST");
        text = Key().Replace(text, "KEY");
        return Time().Replace(text, "TIME");
    }

    [GeneratedRegex("[A-Z]?[a-z0-9]+", RegexOptions.None, 1_000)]
    private static partial Regex Word();

    [GeneratedRegex("[0-9a-f]{64}|[0-9a-f]{16}", RegexOptions.None, 1_000)]
    private static partial Regex Digest();

    [GeneratedRegex("^[A-Za-z0-9+/]{80,}=*$", RegexOptions.None, 1_000)]
    private static partial Regex Key();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Time();
}
