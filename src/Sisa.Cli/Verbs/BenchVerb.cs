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
    private static readonly Option<string> Out = new("--out") { Description = "Folder of the result. Interrupted, the same command goes on in it.", DefaultValueFactory = _ => "bench-cost", HelpName = "DIR" };

    private static readonly Option<bool> Quick = new("--quick") { Description = "A small corpus and grid, under three minutes: to see that everything works." };

    private static readonly Option<string[]> Datasets = new Option<string[]>("--datasets")
    {
        Description = "Generated corpora in the shape of Purchase, of 2 and of 100 classes. With '--store', the items of that store instead.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => ["purchase-2", "purchase-100"],
    }.AcceptOnlyFromAmong("purchase-2", "purchase-100");

    private static readonly Option<ulong> Seed = new("--seed") { Description = "Seed of the items, the assignment, the draws and the training.", DefaultValueFactory = _ => 1, HelpName = "N" };

    private static readonly Option<int?> Draws = new("--draws") { Description = "Draws of requests that counts are averaged over; by default 30, with '--quick' 10.", HelpName = "N" };

    private static readonly Option<int?> Items = new("--items") { Description = "Items of the generated corpora, a tenth of them held out; by default 250000, with '--quick' 20000.", HelpName = "N" };

    private static readonly Option<int[]> Shards = new("--shards") { Description = "Numbers of shards; by default 1 2 5 10 20 50, with '--quick' 1 5 20.", AllowMultipleArgumentsPerToken = true, HelpName = "S" };

    private static readonly Option<int[]> Slices = new("--slices") { Description = "Numbers of slices; by default 1 10 20 50, with '--quick' 1 10.", AllowMultipleArgumentsPerToken = true, HelpName = "R" };

    private static readonly Option<string?> Scratch = new("--scratch") { Description = "Folder for corpora and stores, some 2 GB at a time, removed in the end; by default in the folder of the result.", HelpName = "DIR" };

    public static Command Create() => new("bench", "Studies of what forgetting costs.")
    {
        new Command("cost", "Count and measure what forgetting costs for every S and R, with the accuracy beside it.") { Out, Quick, Datasets, Seed, Draws, Items, Shards, Slices, Scratch }.Does(RunCost),
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
            output.Say($"What is finished is kept in {Path.Combine(folder, CostStudy.JournalName)}; the same command goes on behind it.");
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
            { Items: < 400 } => throw new UsageException($"'{Items.Name} {design.Items}' is too few.", "Give 400 or more."),
            _ => design,
        };
    }

    private static IReadOnlyList<int> Grid(ParseResult parse, Option<int[]> option, IReadOnlyList<int> usual)
    {
        int[] given = [.. (parse.GetValue(option) ?? []).Distinct().Order()];
        return given switch
        {
            [] => usual,
            [< 1, ..] or [.., > 1000] => throw new UsageException($"'{option.Name} {string.Join(' ', given)}' is not possible.", "Give numbers from 1 to 1000."),
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
                output.WriteData($"Visits counted and made are equal in {dataset.Equal} of {dataset.Compared} trainings and retrainings. Modelled seconds are off by {Figures.Share(dataset.Seconds!.RelativeError)} (root mean square of {dataset.Seconds.Measurements}).");
            }
        }

        output.WriteData($"{result.Machine}; {result.Versions}; {result.Date}.");
    }
}
