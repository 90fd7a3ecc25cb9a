using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Sisa.Cli.Starting;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;

namespace Sisa.Cli.Terminal;

/// <summary>The meaning of an exception for the user of the program.</summary>
/// <param name="Message">What, which, found, expected.</param>
/// <param name="Hint">The remedy.</param>
/// <param name="ExitCode">Exit code of the program.</param>
internal sealed record Fault(string Message, string? Hint, ExitCode ExitCode)
{
    private const string MendAndRepeat = "No acknowledged request is lost. Remove the cause, then run the same command again.";
    private const int BadDescriptor = 9;

    /// <summary>The meaning of an exception that reached the top.</summary>
    /// <remarks>Loads nothing that a fault does not need, because loading may be impossible.</remarks>
    public static Fault Of(Exception exception) => exception switch
    {
        SisaException e => new(e.Message, e.Remedy is { } remedy ? StepWords.Of(remedy) : null, CodeOf(e.Kind)),
        OperationCanceledException => new("Interrupted.", "No acknowledged request is lost. Run the same command again.", ExitCode.Resumable),
        _ when NotLoaded(exception) is { } part => new(
            $"A part of the program cannot be loaded: {part}.", "Too few files may be open at once ('ulimit -n', at least 256), memory is short, or the installation is incomplete. No acknowledged request is lost.", ExitCode.Unavailable),
        _ when IsClosed(exception) && ProcessStart.ClosedStream is { } stream => new(
            $"{stream} is closed, and the command needs it.", "Open it: '</dev/null' reads nothing, '>/dev/null' drops the output.", ExitCode.InputOutput),
        IOException or UnauthorizedAccessException => OfFile(exception),
        _ when exception.GetType().FullName == "Microsoft.Data.Sqlite.SqliteException" => OfManifest(exception),

        // The last resort: a fault of the program itself must not look like one of the user's data.
        _ => new($"Internal fault: {exception.GetType().Name}: {exception.Message}", "No acknowledged request is lost. Please report this fault with the lines below.", ExitCode.Internal),
    };

    /// <summary>The exit code of a kind of fault.</summary>
    public static ExitCode CodeOf(FaultKind kind) => kind switch
    {
        FaultKind.NotFound => ExitCode.No,
        FaultKind.Usage => ExitCode.Usage,
        FaultKind.Data => ExitCode.Data,
        FaultKind.Recipe => ExitCode.Recipe,
        FaultKind.Unavailable => ExitCode.Unavailable,
        FaultKind.InputOutput => ExitCode.InputOutput,
        FaultKind.Busy or FaultKind.Interrupted => ExitCode.Resumable,
        _ => ExitCode.Internal,
    };

    // What the runtime cannot load has the type of a file that cannot be opened, and the name of an assembly instead of a path.
    private static string? NotLoaded(Exception exception) => exception switch
    {
        FileNotFoundException { FileName: { } name } when IsAssembly(name) => name,
        FileLoadException { FileName: { } name } when IsAssembly(name) => name,
        DllNotFoundException => exception.Message,
        TypeInitializationException { InnerException: { } inner } => NotLoaded(inner),
        _ => null,
    };

    private static bool IsAssembly(string name) => name.Contains(", Version=", StringComparison.Ordinal);

    private static bool IsClosed(Exception exception) => exception is IOException { HResult: BadDescriptor } or UnauthorizedAccessException { InnerException: IOException { HResult: BadDescriptor } };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Fault OfFile(Exception exception) => new(
        $"{PathIn(exception)} cannot be read or written: {PlainReason.Of(exception)}.", SystemFault.Remedy(exception) is { } remedy ? $"{remedy}. No acknowledged request is lost; run the same command again afterwards." : MendAndRepeat, ExitCode.InputOutput);

    // The runtime keeps the path of few faults apart, and quotes that of the others.
    private static string PathIn(Exception exception) =>
        exception is FileNotFoundException { FileName: { } name } ? name : exception.Message.Split('\'') is [_, var quoted, _, ..] ? quoted : "A file";

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Fault OfManifest(Exception exception)
    {
        var fault = (SqliteException)exception;
        return SqliteCode.IsBusy(fault) ? new("Another process uses the manifest.", "No acknowledged request is lost. Run the same command again.", ExitCode.Resumable)
            : SqliteCode.IsOfTheSystem(fault) ? new($"The manifest cannot be read or written: {SqliteReason.Of(fault)}.", MendAndRepeat, ExitCode.InputOutput)
            : new($"The manifest cannot be read: {SqliteReason.Of(fault)}.", "Run 'sisa recover'. If that does not help, restore the manifest from a backup.", ExitCode.Data);
    }
}
