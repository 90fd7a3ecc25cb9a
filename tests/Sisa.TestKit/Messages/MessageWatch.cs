using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Text;
using Sisa.Cli.Terminal;

namespace Sisa.TestKit.Messages;

/// <summary>Sees every message that a test program or a campaign provokes: what the product throws within the process, and what the program says.</summary>
/// <remarks>Thread-safe. Where the variable <c>SISA_MESSAGES</c> names a folder, all messages are written there when the process ends, for <c>docs/messages.txt</c>.</remarks>
public static class MessageWatch
{
    private static readonly ConcurrentDictionary<string, byte> Seen = new(StringComparer.Ordinal);
    private static readonly ConcurrentQueue<string> Broken = new();

    static MessageWatch()
    {
        AppDomain.CurrentDomain.FirstChanceException += See;
        if (Environment.GetEnvironmentVariable("SISA_MESSAGES") is { Length: > 0 } folder)
        {
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Write(folder);
        }
    }

    /// <summary>Begins to watch; a second time changes nothing.</summary>
    public static void Begin() => System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(MessageWatch).TypeHandle);

    /// <summary>Takes what a run of the program said on standard error.</summary>
    /// <param name="errors">All of it.</param>
    public static void Said(string errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        var labelled = string.Empty;
        foreach (var line in errors.Split('\n'))
        {
            // Lines that are moved to the right go on with the message above them.
            var label = Array.Find(["sisa: error: ", "sisa: hint: ", "sisa: warning: "], l => line.StartsWith(l, StringComparison.Ordinal));
            if (label is null && labelled.StartsWith("error: ", StringComparison.Ordinal) && line.StartsWith("  ", StringComparison.Ordinal))
            {
                labelled += "\n" + line;
                continue;
            }

            Add(labelled);
            labelled = label is null ? string.Empty : line["sisa: ".Length..];
        }

        Add(labelled);
    }

    /// <summary>What is wrong with messages that were seen since the last call, each with its rule: none, unless the product says something that no person should have to read.</summary>
    public static IReadOnlyList<string> TakeBroken()
    {
        var taken = new List<string>();
        while (Broken.TryDequeue(out var fault))
        {
            taken.Add(fault);
        }

        return taken;
    }

    private static void See(object? sender, FirstChanceExceptionEventArgs e)
    {
        // What tests and stand-ins throw is not the product's.
        if (e.Exception is SisaException fault && fault.TargetSite?.Module.Name is { } module && !module.Contains("Test", StringComparison.Ordinal))
        {
            Add($"error: {fault.Message}");
            Add(fault.Remedy is { } remedy ? $"hint: {StepWords.Of(remedy)}" : string.Empty);
        }
    }

    private static void Add(string message)
    {
        if (message.Length == 0 || !Seen.TryAdd(message, 0))
        {
            return;
        }

        foreach (var rule in MessageRules.Broken(message))
        {
            Broken.Enqueue($"{rule}: {message}");
        }
    }

    private static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, $"{Path.GetFileName(Environment.ProcessPath)}.txt"), Seen.Keys.Select(m => m.Replace("\n", "⏎", StringComparison.Ordinal)), new UTF8Encoding());
    }
}
