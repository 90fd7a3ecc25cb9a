using System.CommandLine;
using System.Text;
using Sisa.Engine.Certifying;

namespace Sisa.Cli.Terminal;

/// <summary>The source of the passphrase of the signing keys: a file, or the user at the terminal.</summary>
internal static class PassphraseOption
{
    public static Option<string?> File { get; } = new("--passphrase-file")
    {
        Description = "File whose first line is the passphrase of the signing keys. Without it, the terminal asks.",
        HelpName = "FILE",
    };

    /// <summary>The passphrase, where a file is named; empty otherwise.</summary>
    public static string Optional(ParseResult parse) => parse.GetValue(File) is { } path ? Read(path) : string.Empty;

    /// <summary>The keys of the store, opened by the passphrase that the command line names or the terminal is asked for.</summary>
    public static IKeySource Keys(ParseResult parse, Output output) => new StoredKeys(() => Required(parse, output));

    /// <summary>The passphrase of keys that are encrypted.</summary>
    /// <exception cref="EvidenceException">No file is named, and there is no terminal to ask.</exception>
    public static string Required(ParseResult parse, Output output)
    {
        if (parse.GetValue(File) is { } path)
        {
            return Read(path);
        }

        if (Console.IsInputRedirected || !output.IsTerminal)
        {
            throw new EvidenceException("The signing keys are encrypted, and no passphrase is given.", "Give '--passphrase-file FILE'.");
        }

        output.Errors.Write("Passphrase of the signing keys: ");
        output.Errors.Flush();
        return Ask(output);
    }

    private static string Ask(Output output)
    {
        var typed = new StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                typed.Append(key.KeyChar);
            }
        }

        output.Errors.WriteLine();
        return typed.ToString();
    }

    private static string Read(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            return reader.ReadLine() is { Length: > 0 } line
                ? line
                : throw new EvidenceException($"The first line of passphrase file {path} is empty.", "Write the passphrase into the first line.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageIoException($"Passphrase file {path} cannot be read: {PlainReason.Of(e)}.", "Name a file whose first line is the passphrase.", e);
        }
    }
}
