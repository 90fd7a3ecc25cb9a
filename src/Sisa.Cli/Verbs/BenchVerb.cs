using System.CommandLine;
using Sisa.Benchmarks;
using Sisa.Benchmarks.Data;
using Sisa.Benchmarks.Designs;
using Sisa.Benchmarks.Results;
using Sisa.Cli.Terminal;
using Sisa.Engine.Training.Launching;
using Sisa.Records;
using Sisa.Storage.Files;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa bench cost</c>: what forgetting costs for every S and R, counted, measured and drawn.</summary>
internal static class BenchVerb
{
    private static readonly Option<string> Out = new("--out") { Description = "Folder of the result. After an interruption, the same command continues in it.", DefaultValueFactory = _ => "bench-cost", HelpName = "DIR" };

    private static readonly Option<bool> Quick = new("--quick") { Description = "A small corpus and a small grid, in less than three minutes, to see that everything works." };

    private static readonly Option<string[]> Datasets = new Option<string[]>("--datasets")
    {
        Description = "Generated corpora in the shape of Purchase, with 2 and with 100 classes. With '--store', the items of that store instead.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => ["purchase-2", "purchase-100"],
    }.AcceptOnlyFromAmong("purchase-2", "purchase-100");

    private static readonly Option<ulong> Seed = new("--seed") { Description = "Seed of the items, the assignment, the draws and the training.", DefaultValueFactory = _ => 1, HelpName = "N" };

    private static readonly Option<int?> Draws = new("--draws") { Description = "Draws of requests to average over. Default: 30, or 10 with '--quick'.", HelpName = "N" };

    private static readonly Option<int?> Items = new("--items") { Description = "Items of the generated corpora; a tenth of them is held out. Default: 250000, or 20000 with '--quick'.", HelpName = "N" };

    private static readonly Option<int[]> Shards = new("--shards") { Description = "Numbers of shards. Default: 1 2 5 10 20 50, or 1 5 20 with '--quick'.", AllowMultipleArgumentsPerToken = true, HelpName = "S" };

    private static readonly Option<int[]> Slices = new("--slices") { Description = "Numbers of slices. Default: 1 10 20 50, or 1 10 with '--quick'.", AllowMultipleArgumentsPerToken = true, HelpName = "R" };

    private static readonly Option<string?> Scratch = new("--scratch") { Description = "Folder for corpora and stores, about 2 GB at a time, removed at the end. Default: within the folder of the result.", HelpName = "DIR" };

    public static Command Create() => new("bench", "Study the cost of forgetting.")
    {
        new Command("cost", "Count and measure the cost of forgetting for every S and R, with the accuracy beside it.") { Out, Quick, Datasets, Seed, Draws, Items, Shards, Slices, Scratch }.Does(RunCost),
    };

    private static ExitCode RunCost(ParseResult parse, Output output, CancellationToken cancellation)
    {
        var design = DesignOf(parse);
        var folder = Path.GetFullPath(parse.GetValue(Out)!);
        var scratch = Path.Combine(Path.GetFullPath(parse.GetValue(Scratch) ?? folder), "scratch");
        DurableFile.CreateFolder(folder);
        var study = new CostStudy(design, DatasetsOf(parse, design), folder, scratch, WorkerCommand.ThisProgram(), TimeProvider.System);
        using var view = new StudyView(output);
        CostResult result;
        try
        {
            result = study.Run(view, cancellation);
        }
        catch (OperationCanceledException)
        {
            view.Dispose();
            output.Say($"Finished steps are kept in {Path.Combine(folder, CostStudy.JournalName)}; the same command continues after them.");
            throw;
        }

        view.Dispose();
        foreach (var file in ResultFiles.Write(result, folder, DocumentJson.LineOptions))
        {
            output.Say($"Written: {file}");
        }

        Show(result, output);
        return ExitCode.Done;
    }

    private static CostDesign DesignOf(ParseResult parse)
    {
        var design = parse.GetValue(Quick) ? CostDesign.Quick : new CostDesign();
        design = design with { Seed = parse.GetValue(Seed), Draws = parse.GetValue(Draws) ?? design.Draws, Items = parse.GetValue(Items) ?? design.Items };
        design = design with { Shards = Grid(parse, Shards, design.Shards), Slices = Grid(parse, Slices, design.Slices) };
        return design switch
        {
            { Draws: < 2 } => throw new UsageException($"'{Draws.Name} {design.Draws}' gives no interval.", "Give 2 or more."),
            { Items: < 400 } => throw new UsageException($"'{Items.Name} {design.Items}' is too small.", "Give 400 or more."),
            _ => design,
        };
    }

    private static IReadOnlyList<int> Grid(ParseResult parse, Option<int[]> option, IReadOnlyList<int> usual)
    {
        int[] given = [.. (parse.GetValue(option) ?? []).Distinct().Order()];
        return given switch
        {
            [] => usual,
            [< 1, ..] or [.., > 1000] => throw new UsageException($"'{option.Name} {string.Join(' ', given)}' is not allowed.", "Give numbers from 1 to 1000."),
            _ => given,
        };
    }

    private static IReadOnlyList<CostDataset> DatasetsOf(ParseResult parse, CostDesign design)
    {
        if (RowOptions.Names(parse, CommonOptions.Store))
        {
            return [StoreDataset.Read(parse.GetValue(CommonOptions.Store)!, design)];
        }

        return GeneratedDataset.Create(design, [.. parse.GetValue(Datasets)!.Distinct().Select(name => name == "purchase-2" ? 2 : 100)]);
    }

    private static void Show(CostResult result, Output output)
    {
        if (output.Json)
        {
            output.WriteJson(result);
            return;
        }

        foreach (var dataset in result.Datasets)
        {
            foreach (var table in new[] { CostTable.Uniform(dataset, result.Published), CostTable.Skewed(dataset) })
            {
                output.WriteData(table.Title);
                Terminal.Grid.Write(output.Data, table.Columns, table.Rows, numbersRight: true);
            }

            if (dataset.Compared > 0)
            {
                output.WriteData($"In {dataset.Equal} of {dataset.Compared} trainings and retrainings, the visits made equal the visits counted. The root mean square error of the modelled seconds is {Figures.Share(dataset.Seconds!.RelativeError)} ({dataset.Seconds.Measurements} measurements).");
            }
        }

        output.WriteData($"{result.Machine}; {result.Versions}; {result.Date}.");
    }
}
