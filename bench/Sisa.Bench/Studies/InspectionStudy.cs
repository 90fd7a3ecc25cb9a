using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sisa.Models;
using Sisa.Readers;
using Sisa.Readers.Recipes;
using Sisa.Training;

namespace Sisa.Bench.Studies;

/// <summary>Every data set of a folder by the recipe that <c>sisa init --inspect</c> proposes: inspect, init, ingest, train, evaluate, forget a subject, <c>verify --rerun</c>.</summary>
/// <remarks>Usage: <c>./build.sh bench inspection DATA_FOLDER [NAME…]</c>. Inspection sees the whole files; training takes a part of them (<see cref="InspectedCorpora"/>), since
/// what is shown is that it works, not how good the models get.</remarks>
internal static partial class InspectionStudy
{
    public static void Run(string data, IReadOnlyList<string> only)
    {
        var result = new StudyResult("Inspection of public data sets", $"./build.sh bench inspection DATA {string.Join(' ', only)}".TrimEnd());
        var rows = new List<IReadOnlyList<string>>();
        foreach (var corpus in InspectedCorpora.All.Where(corpus => only.Count == 0 || only.Contains(corpus.Name)))
        {
            Console.WriteLine(corpus.Name);
            rows.Add(Measure(corpus, data));
        }

        result.Say("Every data set by the recipe that `sisa init --inspect` proposes for its whole files, through init, ingest, train, evaluate, forget of one subject and `verify --rerun`, by the program as its user runs it. "
            + $"To keep it short, training takes every row but each tenth, which is held out, up to {InspectedCorpora.MaxRows:N0} rows of tables, {InspectedCorpora.MaxTexts:N0} labelled texts or images and {InspectedCorpora.MaxLanguageTexts:N0} texts without labels, for one epoch (`--set training.epochs=1`): the held-out figures say "
            + "that something was learnt, not how good a model can get. Seconds are those of all commands together, on a machine that other work kept busy: nothing to compare speeds by.");
        result.Table(
            ["data set", "files", "format", "rows", "task / model proposed", "subject", "what a person must do", "ingested", "skipped", "seconds", "held out", "forgotten items", "checkpoints equal after rerun"],
            rows);
        result.Write("inspection");
    }

    private static IReadOnlyList<string> Measure(InspectedCorpus corpus, string data)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"sisa-inspect-{corpus.Name}");
        Directory.CreateDirectory(folder);
        try
        {
            var sisa = new SisaProgram(folder);
            var clock = Stopwatch.StartNew();
            var (files, yaml, done) = Inspect(corpus, Path.Combine(data, corpus.Name), folder, sisa);
            File.WriteAllText(Path.Combine(folder, "sisa.yaml"), yaml);
            var recipe = RecipeReader.Read(Path.Combine(folder, "sisa.yaml"));
            var rows = RowsLine().Match(yaml).Groups["rows"].Value;
            var (train, held) = InspectedCorpora.Split(files, folder, recipe);
            sisa.Run("init", "--recipe", "sisa.yaml", "--set", "training.epochs=1");
            string[] skip = yaml.Contains("sisa ingest --on-error skip", StringComparison.Ordinal) ? ["--on-error", "skip"] : [];
            var ingested = sisa.Run(["ingest", train, .. skip]).Json!;
            sisa.Run("train");
            var (measure, figure) = HeldOut(sisa, held);
            var before = Items(sisa);
            sisa.Run("forget", "--subject", CorpusReader.Read(Path.Combine(folder, train), recipe, new ReadOptions { OnFault = _ => true }).Skip(20).First().Subject);
            var after = Items(sisa);
            var rerun = sisa.Run("verify", "--rerun").Json!;
            return
            [
                corpus.Name,
                $"{files.Count}",
                recipe.Corpus.Format?.Name ?? "by name",
                rows,
                $"{(recipe.Task == TaskKind.LanguageModel ? "language model" : $"{recipe.Labels.Count} classes")} / {ModelOf(recipe)}",
                recipe.Corpus.Fields.Subject.Count > 0 ? string.Join(" + ", recipe.Corpus.Fields.Subject) : recipe.Corpus.Fields.Id.Count > 0 ? "each item" : "each row",
                done,
                Number(ingested["items"]!.GetValue<double>()),
                Number(ingested["skipped"]!.GetValue<double>()),
                Number(clock.Elapsed.TotalSeconds),
                $"{figure.ToString("0.###", CultureInfo.InvariantCulture)} {measure}",
                Number(before - after),
                $"{rerun["equal"]}/{rerun["compared"]}",
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Inspects the files; where inspection names a conversion, does it and inspects what came out.</summary>
    private static (IReadOnlyList<string> Files, string Yaml, string Done) Inspect(InspectedCorpus corpus, string source, string folder, SisaProgram sisa)
    {
        var files = corpus.Files.Select(name => Path.Combine(source, name)).ToList();
        try
        {
            return (files, sisa.Read(["init", "--inspect", .. files]), "nothing");
        }
        catch (InvalidOperationException refused) when (JqLine().Match(refused.Message) is { Success: true } line)
        {
            var script = line.Value.Replace("FILE", "\"$1\"", StringComparison.Ordinal);
            var start = new ProcessStartInfo("bash", ["-c", script, "bash", files[0]]) { WorkingDirectory = folder };
            using (var shell = Process.Start(start)!)
            {
                shell.WaitForExit();
            }

            var converted = Path.Combine(folder, "ROWS.jsonl");
            return ([converted], sisa.Read("init", "--inspect", converted), $"`{line.Value.Replace("|", "\\|", StringComparison.Ordinal)}`, which inspection names");
        }
        catch (InvalidOperationException refused) when (refused.Message.Contains("corpus.labels", StringComparison.Ordinal))
        {
            var images = InspectedCorpora.WithLabels(files[0], folder);
            return ([images], sisa.Read("init", "--inspect", images), "write the labels as IDX, which inspection says");
        }
    }

    private static (string Measure, double Figure) HeldOut(SisaProgram sisa, string held)
    {
        var evaluation = sisa.Run("evaluate", held).Json!;
        var ensemble = evaluation["ensemble"]!;
        return ensemble["accuracy"] is { } accuracy ? ("accuracy", accuracy.GetValue<double>()) : ("bits per byte", Find(ensemble, "bitsPerByte"));
    }

    private static double Find(JsonNode node, string name) => node switch
    {
        JsonObject map when map[name] is JsonValue value => value.GetValue<double>(),
        JsonObject map => map.Select(pair => pair.Value is null ? double.NaN : Find(pair.Value, name)).FirstOrDefault(found => !double.IsNaN(found), double.NaN),
        _ => double.NaN,
    };

    private static double Items(SisaProgram sisa) => sisa.Run("status").Json!["items"]!.GetValue<double>();

    private static string ModelOf(Recipe recipe) => recipe.Model switch
    {
        DecoderOptions => "decoder",
        TextClassifierOptions => "text-classifier",
        CnnOptions => "cnn",
        _ => "mlp",
    };

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    [GeneratedRegex("from all (?<rows>[0-9,]+) rows", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex RowsLine();

    [GeneratedRegex("(gzip -dc FILE \\| )?jq -c '.*' (FILE )?> ROWS\\.jsonl", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex JqLine();
}
