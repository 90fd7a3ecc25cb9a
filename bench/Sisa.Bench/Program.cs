using BenchmarkDotNet.Running;
using Sisa.Bench.Studies;

switch (args)
{
    case ["real-data", var data, .. var names]:
        RealDataStudy.Run(Path.GetFullPath(data), names);
        return 0;
    case ["inspection", var data, .. var names]:
        InspectionStudy.Run(Path.GetFullPath(data), names);
        return 0;
    case ["reference"]:
        ReferenceStudy.Run(draws: 20);
        return 0;
    case ["reference", var draws]:
        ReferenceStudy.Run(int.Parse(draws, System.Globalization.CultureInfo.InvariantCulture));
        return 0;
    case ["fuzzing"]:
        FuzzingStudy.Run();
        return 0;
    case ["plain-loop", var tokens]:
        PlainLoop.Run(long.Parse(tokens, System.Globalization.CultureInfo.InvariantCulture));
        return 0;
    case ["language-throughput"]:
        LanguageThroughputStudy.Run();
        return 0;
    case ["text-forgetting", var data, .. var names]:
        TextForgettingStudy.Run(Path.GetFullPath(data), names);
        return 0;
    case ["risk-assignment"]:
        RiskAssignmentStudy.Run(keys: 4);
        return 0;
    case ["risk-assignment", var keys]:
        RiskAssignmentStudy.Run(int.Parse(keys, System.Globalization.CultureInfo.InvariantCulture));
        return 0;
    case ["known-answers"]:
        KnownAnswerStudy.Run();
        return 0;
    case ["known-answers", var model, var when]:
        KnownAnswerStudy.RunHere(int.Parse(model, System.Globalization.CultureInfo.InvariantCulture), after: when == "after");
        return 0;
    case ["speed"]:
        SpeedStudy.Run();
        return 0;
    case ["ingest"]:
        IngestStudy.Run();
        return 0;
    case ["planning", .. var sizes]:
        PlanningStudy.Run(sizes.Length == 0 ? [1_000_000, 3_000_000, 10_000_000] : [.. sizes.Select(size => int.Parse(size, System.Globalization.CultureInfo.InvariantCulture))]);
        return 0;
    case ["--help" or "-h"]:
        Console.WriteLine("real-data DATA [NAME…] · inspection DATA [NAME…] · reference [DRAWS] · speed · known-answers · ingest · planning [ITEMS…] · fuzzing · language-throughput · text-forgetting DATA [NAME…] · risk-assignment [KEYS], or options of BenchmarkDotNet such as --filter '*'");
        return 0;
}

// In this process, not in a project that BenchmarkDotNet generates: that one imports no Directory.Build.targets, so it would copy
// libtorch and could not load it where libstdc++ is older (src/Sisa.Torch/build/LibTorch.targets).
BenchmarkSwitcher.FromAssembly(typeof(SisaProgram).Assembly).Run([.. args, "--inProcess"]);
return 0;
