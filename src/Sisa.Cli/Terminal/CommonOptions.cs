using System.CommandLine;
using Sisa.Engine.Publishing;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Engine.Training.Launching;

namespace Sisa.Cli.Terminal;

/// <summary>Options that several verbs share, and what they mean.</summary>
internal static class CommonOptions
{
    public static Option<string> Store { get; } = new("--store")
    {
        Description = "Folder of the store.",
        DefaultValueFactory = _ => "shards",
        Recursive = true,
        HelpName = "DIR",
    };

    public static Option<bool> Json { get; } = new("--json") { Description = "Write data as JSON on standard output.", Recursive = true };

    public static Option<double> Wait { get; } = new("--wait")
    {
        Description = "How long to wait, in seconds, for a store that another process holds. By default the command refuses at once.",
        DefaultValueFactory = _ => 0,
        HelpName = "SECONDS",
    };

    public static Option<int> Workers { get; } = new("--workers")
    {
        Description = "Number of worker processes. Each trains one shard at a time. On a GPU, each trains several small shards at once if there are more shards than workers.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
        HelpName = "N",
    };

    /// <summary>Opens the store that the command line names, and finishes what needs no training.</summary>
    public static Store OpenStore(ParseResult parse)
    {
        var store = Engine.Stores.Store.Open(parse.GetValue(Store)!);
        new BundlePublisher(store).PublishFallbacks();
        return store;
    }

    /// <summary>The patience that the command line asks for.</summary>
    public static TimeSpan Patience(ParseResult parse) => Patience(Wait.Name, parse.GetValue(Wait));

    /// <summary>The patience of an option.</summary>
    public static TimeSpan Patience(string option, double seconds) => double.IsFinite(seconds) && seconds >= 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, 1e6))
            : throw new UsageException($"'{option} {seconds}' is not a time.", "Give seconds, 0 or more.");

    /// <summary>The number of workers that the command line asks for.</summary>
    public static int WorkerCount(ParseResult parse)
    {
        var workers = parse.GetValue(Workers);
        return workers >= 1 ? workers : throw new UsageException($"'--workers {workers}' is not allowed.", "Give 1 or more.");
    }

    /// <summary>Starts workers; they load libtorch while the caller goes on.</summary>
    public static WorkerPool StartWorkers(ParseResult parse, Store store) => new(WorkerCommand.ThisProgram(), store.Layout, store.Recipe, WorkerCount(parse));
}

/// <summary>The command line makes no sense.</summary>
/// <param name="message">The fault.</param>
/// <param name="remedy">The remedy.</param>
internal sealed class UsageException(string message, Remedy? remedy) : SisaException(message, remedy)
{
    /// <inheritdoc/>
    public override FaultKind Kind => FaultKind.Usage;
}
