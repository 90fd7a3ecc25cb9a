using System.CommandLine;
using Sisa.Cli.Terminal;

namespace Sisa.Cli.Serving;

/// <summary>Options of the verbs that answer.</summary>
internal static class ServingOptions
{
    public static Option<string?> From { get; } = new("--from") { Description = "Answer from a folder that 'sisa export' wrote, without the store.", HelpName = "DIR" };

    /// <summary>The bundle that the command line names.</summary>
    public static IBundleSource OpenBundle(ParseResult parse) =>
        parse.GetValue(From) is { } folder ? new ExportedEnsemble(folder) : new StoreBundle(CommonOptions.OpenStore(parse));
}
