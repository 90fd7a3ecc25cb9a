using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Publishing;
using Sisa.Serving.Exporting;
using Sisa.Training;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa export</c>: a deployable folder, registered for recall.</summary>
internal static class ExportVerb
{
    private static readonly Argument<string> Folder = new("folder") { Description = "Folder to write. It must not exist." };

    public static Command Create() => new Command("export", "Write the ensemble as a folder that answers without the store. It is registered for recall.") { Folder }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var store = CommonOptions.OpenStore(parse);
        var folder = parse.GetValue(Folder)!;
        var use = store.Recipe.Task == TaskKind.LanguageModel ? "sisa generate --from THIS_FOLDER \"Once upon a time\"" : "sisa predict --from THIS_FOLDER rows.jsonl";
        var manifest = EnsembleExport.Write(store, folder, new HandoutGuide("sisa export", use));
        output.Say($"{Figures.Count(manifest.Constituents.Count, "constituent")} of epoch {manifest.Epoch} exported to {folder}.");
        output.Say(store.Recipe.Task == TaskKind.LanguageModel ? $"Try: sisa generate --from {folder} \"PROMPT\"" : $"Try: sisa predict --from {folder} rows.jsonl");
        if (output.Json)
        {
            output.WriteJson(new { Folder = Handout.Target(folder), manifest.Epoch, manifest.Constituents });
        }

        return ExitCode.Done;
    }
}
