using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Cli.Verbs;

namespace Sisa.Cli.Quickstart;

/// <summary><c>sisa quickstart</c>: everything once, on a sample of its own, explained.</summary>
internal static class QuickstartVerb
{
    private static readonly Option<string> Folder = new("--folder")
    {
        Description = "Folder to work in: a new one, an empty one, or that of an earlier quickstart, which starts over.",
        DefaultValueFactory = _ => "sisa-quickstart",
        HelpName = "DIR",
    };

    public static Command Create() =>
        new Command("quickstart", "Show the whole life of a model on a sample: train, evaluate, forget a person, prove it.") { Folder, CommonOptions.Workers }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        if (parse.GetResult(CommonOptions.Store) is { Implicit: false })
        {
            throw new UsageException("The quickstart creates its own store.", "Name its folder with '--folder DIR' instead of '--store'.");
        }

        try
        {
            var report = new QuickstartStory(parse.GetValue(Folder)!, CommonOptions.WorkerCount(parse), output, cancellation).Run();
            if (output.Json)
            {
                output.WriteJson(report);
            }

            return report.Verified ? ExitCode.Done : ExitCode.No;
        }
        catch (InterruptedException e)
        {
            throw new InterruptedException("The quickstart was interrupted.", "Run it again; it starts over.", e);
        }
    }
}
