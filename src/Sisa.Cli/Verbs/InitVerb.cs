using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Certifying;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Models;
using Sisa.Readers.Inspection;
using Sisa.Readers.Recipes;
using Sisa.Serving.Creating;
using Sisa.Sharding;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa init</c>: makes a store, or helps with its recipe.</summary>
internal static class InitVerb
{
    private static readonly Option<string?> RecipePath = new("--recipe") { Description = "The recipe (sisa.yaml).", HelpName = "FILE" };

    private static readonly Option<string[]> Inspect = new("--inspect")
    {
        Description = "Look at data files of one format and write a proposed recipe, with reasons, to standard output. No store is created. '--set' overrides the proposal.",
        AllowMultipleArgumentsPerToken = true,
        HelpName = "DATAFILE",
    };

    private static readonly Option<bool> PrintRecipe = new("--print-recipe") { Description = "Write every key with its default and meaning. No store is created." };

    private static readonly Option<string?> KeyFile = new("--assignment-key")
    {
        Description = "Reuse the assignment key of another store, so that items get the same shards and slices.",
        HelpName = "FILE",
    };

    private static readonly Option<string[]> Set = new("--set")
    {
        Description = "Change keys of the recipe, such as training.epochs=8.",
        AllowMultipleArgumentsPerToken = true,
        HelpName = "KEY=VALUE",
    };

    public static Command Create() => new Command("init", "Create a store from a recipe.") { RecipePath, Inspect, PrintRecipe, BaseOption.Folder, KeyFile, Set, PassphraseOption.File }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        if (parse.GetValue(PrintRecipe))
        {
            output.Data.Write(RecipeWriter.Print());
            return ExitCode.Done;
        }

        if (parse.GetValue(Inspect) is { Length: > 0 } data)
        {
            return InspectData(data, parse.GetValue(Set) ?? [], output, cancellation);
        }

        if (parse.GetValue(RecipePath) is not { } file)
        {
            throw new UsageException("The command names no recipe.", "Give '--recipe FILE'. '--inspect DATAFILE' proposes a recipe, and '--print-recipe' shows every key.");
        }

        var recipe = RecipeFile.Read(file, parse.GetValue(Set) ?? [], parse.GetValue(BaseOption.Folder), output.Warn);
        var passphrase = PassphraseOption.Optional(parse);
        using var store = Store.Create(parse.GetValue(CommonOptions.Store)!, recipe, ReadKey(parse.GetValue(KeyFile)), passphrase: passphrase);
        using var keys = KeyRing.Open(store.Layout, () => passphrase);
        var ensemble = recipe.Ensemble;
        output.Say($"Store {store.Layout.Root} is ready: {Figures.Count(ensemble.Shards, "shard")} × {Figures.Count(ensemble.Slices, "slice")}, recipe {store.RecipeDigest.ToShortString()}.");
        foreach (var unused in PlacementRule.Unused(ensemble))
        {
            output.Warn(unused);
        }

        if (store.Recipe.Model is SequenceModelOptions { Files: { } files })
        {
            output.Say($"{store.Layout.Base} holds the store's own copy of the base or tokenizer, digest {files.Digest.ToShortString()}. Its earlier training data cannot be forgotten here.");
        }

        output.Say("Next: sisa ingest FILE…");
        if (output.Json)
        {
            output.WriteJson(new { Store = store.Layout.Root, Recipe = store.RecipeDigest, AssignmentKey = store.Key.Commitment, CertificateKey = EvidenceKey.DigestOf(keys.Certificate), LogKey = EvidenceKey.DigestOf(keys.Log), ensemble.Shards, ensemble.Slices });
        }

        return ExitCode.Done;
    }

    private static ExitCode InspectData(IReadOnlyList<string> paths, IReadOnlyList<string> overrides, Output output, CancellationToken cancellation)
    {
        var inspection = RecipeInspector.Inspect(paths, overrides, cancellation);
        var notes = inspection.Notes.Select(StepWords.Of).ToList();
        notes.ForEach(output.Say);
        output.Data.Write(inspection.ToYaml(
        [
            $"Proposed by 'sisa init --inspect' from {inspection.Source}. Read it and correct it.",
            .. notes,
            $"Next: sisa init --recipe sisa.yaml && sisa ingest{(inspection.Refused > 0 ? " --on-error skip" : string.Empty)} {string.Join(' ', paths.Select(InShell))} && sisa train",
        ]));
        return ExitCode.Done;
    }

    private static string InShell(string path) => path.All(c => char.IsLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or ':' or '+' or ',') ? path : "'" + path.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private static AssignmentKey? ReadKey(string? path)
    {
        if (path is null)
        {
            return null;
        }

        try
        {
            return AssignmentKey.Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageIoException($"Assignment key {path} cannot be read: {PlainReason.Of(e)}.", "Name the file 'keys/assignment.key' of another store.", e);
        }
    }
}
