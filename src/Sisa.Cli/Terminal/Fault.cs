using Microsoft.Data.Sqlite;

namespace Sisa.Cli.Terminal;

/// <summary>What an exception means to whoever runs the program.</summary>
/// <param name="Message">What, which, found, expected.</param>
/// <param name="Hint">What can be done about it.</param>
/// <param name="ExitCode">Exit code of the program.</param>
internal sealed record Fault(string Message, string? Hint, ExitCode ExitCode)
{
    private const string MendAndRepeat = "Nothing acknowledged is lost; mend the cause and run the same command again.";

    /// <summary>The meaning of an exception that reached the top.</summary>
    public static Fault Of(Exception exception) => exception switch
    {
        SisaException e => new(e.Message, e.Hint, e.ExitCode),
        OperationCanceledException => new("Interrupted.", "Nothing acknowledged is lost; run the same command again.", ExitCode.Resumable),
        SqliteException e => OfManifest(e),
        IOException or UnauthorizedAccessException => new(exception.Message, MendAndRepeat, ExitCode.InputOutput),

        // The last resort: a fault of the program itself must not look like one of the user's data.
        _ => new($"Internal fault: {exception.GetType().Name}: {exception.Message}", "Nothing acknowledged is lost. Please report it with the lines below.", ExitCode.Internal),
    };

    // Result codes of SQLite: https://sqlite.org/rescode.html.
    private static Fault OfManifest(SqliteException fault)
    {
        const int Busy = 5;
        const int Locked = 6;
        const int ReadOnly = 8;
        const int InputOutputError = 10;
        const int Full = 13;
        const int CannotOpen = 14;
        return fault.SqliteErrorCode switch
        {
            Busy or Locked => new($"The manifest is in use by another process: {fault.Message}", "Nothing acknowledged is lost; run the same command again.", ExitCode.Resumable),
            ReadOnly or InputOutputError or Full or CannotOpen => new($"The manifest cannot be read or written: {fault.Message}", MendAndRepeat, ExitCode.InputOutput),
            _ => new($"The manifest cannot be read: {fault.Message}", "Run 'sisa recover'; if that does not help, restore it from a backup.", ExitCode.Data),
        };
    }
}
