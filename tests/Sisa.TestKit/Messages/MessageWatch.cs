using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Text;

namespace Sisa.TestKit.Messages;

/// <summary>Sees every message that a test program provokes: what the product throws within the process, and what the program says. At the end, messages that break a rule fail the program.</summary>
/// <remarks>Where the variable <c>SISA_MESSAGES</c> names a folder, all messages are written there, for <c>docs/messages.txt</c>.</remarks>
public sealed class MessageWatch : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, byte> Seen = new(StringComparer.Ordinal);

    /// <summary>Begins to watch.</summary>
    public MessageWatch() => AppDomain.CurrentDomain.FirstChanceException += See;

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

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.FirstChanceException -= See;
        if (Environment.GetEnvironmentVariable("SISA_MESSAGES") is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            File.WriteAllLines(Path.Combine(folder, $"{Path.GetFileName(Environment.ProcessPath)}.txt"), Seen.Keys.Select(m => m.Replace("\n", "⏎", StringComparison.Ordinal)), new UTF8Encoding());
        }

        var broken = Seen.Keys.SelectMany(m => MessageRules.Broken(m).Select(rule => $"{rule}: {m}")).Order(StringComparer.Ordinal).ToArray();
        return broken.Length == 0 ? ValueTask.CompletedTask : throw new InvalidOperationException($"Messages break rules:\n{string.Join("\n", broken)}");
    }

    private static void See(object? sender, FirstChanceExceptionEventArgs e)
    {
        // What tests and stand-ins throw is not the product's.
        if (e.Exception is SisaException fault && fault.TargetSite?.Module.Name is { } module && !module.Contains("Test", StringComparison.Ordinal))
        {
            Add($"error: {fault.Message}");
            Add(fault.Hint is { } hint ? $"hint: {hint}" : string.Empty);
        }
    }

    private static void Add(string message)
    {
        if (message.Length > 0)
        {
            Seen.TryAdd(message, 0);
        }
    }
}
