using System.Text.Json;
using Sisa.Records;
using Spectre.Console;

namespace Sisa.Cli.Terminal;

/// <summary>Everything that the program prints goes through here.</summary>
/// <remarks>
/// The rules: data, and nothing else, on standard output; everything for people on standard error. With <c>--json</c> the data are
/// one JSON document (JSON lines where a verb streams). Errors are <c>sisa: error: …</c> and <c>sisa: hint: …</c>. Colour and moving
/// bars only on a terminal, and never with <c>NO_COLOR</c>. Characters that cannot be seen, or move others, are escaped here, wherever an id brings them in: for people as
/// <c>\u{202E}</c> (<see cref="VisibleText"/>), in JSON as <c>\u202e</c>.
/// </remarks>
internal sealed class Output
{
    private readonly IAnsiConsole _errors;

    /// <summary>Creates the outputs of one run.</summary>
    /// <param name="data">Where data go.</param>
    /// <param name="errors">Where messages go.</param>
    /// <param name="json">Whether data are JSON.</param>
    /// <param name="errorsAreTerminal">Whether messages may move and be coloured.</param>
    public Output(TextWriter data, TextWriter errors, bool json, bool errorsAreTerminal)
    {
        Data = data;
        Errors = errors;
        Json = json;
        IsTerminal = errorsAreTerminal;
        _errors = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = errorsAreTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = errorsAreTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = errorsAreTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(errors),
        });
        if (!errorsAreTerminal)
        {
            // A file has no width; without this long lines would be broken at eighty columns.
            _errors.Profile.Width = 10_000;
        }
    }

    /// <summary>Whether standard error is a terminal, and plain text is not requested.</summary>
    public static bool ErrorsMayMove => !Console.IsErrorRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Standard output.</summary>
    public TextWriter Data { get; }

    /// <summary>Standard error.</summary>
    public TextWriter Errors { get; }

    /// <summary>Whether data are JSON.</summary>
    public bool Json { get; }

    /// <summary>Whether messages may move.</summary>
    public bool IsTerminal { get; }

    /// <summary>Messages with colour, where there is a terminal.</summary>
    public IAnsiConsole Screen => _errors;

    /// <summary>Writes a JSON document to standard output.</summary>
    public void WriteJson<T>(T value) => Data.WriteLine(VisibleText.InJson(JsonSerializer.Serialize(value, DocumentJson.Options)));

    /// <summary>Writes a JSON line to standard output.</summary>
    public void WriteJsonLine<T>(T value) => Data.WriteLine(VisibleText.InJson(JsonSerializer.Serialize(value, DocumentJson.LineOptions)));

    /// <summary>Writes a line of data to standard output.</summary>
    public void WriteData(string line) => Data.WriteLine(VisibleText.OfMessage(line));

    /// <summary>Writes a line for people to standard error.</summary>
    public void Say(string line) => Errors.WriteLine(VisibleText.OfMessage(line));

    /// <summary>Writes a warning.</summary>
    public void Warn(string line) => Label("warning", "yellow", line);

    /// <summary>Writes an error and its hint.</summary>
    public void Error(string message, string? hint)
    {
        Label("error", "red", message);
        if (hint is not null)
        {
            Label("hint", "blue", hint);
        }
    }

    private void Label(string label, string colour, string text) =>
        _errors.MarkupLine($"[{colour}]sisa: {label}:[/] {Markup.Escape(VisibleText.OfMessage(text))}");
}
