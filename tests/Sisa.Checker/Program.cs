using Sisa.Checker;

if (args is not [var store, .. var rest] || store.StartsWith('-'))
{
    Console.Error.WriteLine("Sisa.Checker STORE [--at-rest] [--up-to-date] [--certified] [--memory FILE] [--head FILE]…");
    return 2;
}

var memory = rest.Zip(rest.Skip(1)).Where(pair => pair.First == "--memory").Select(pair => StoreMemory.Read(pair.Second)).SingleOrDefault();
var report = StoreChecker.Check(store, new CheckOptions
{
    IsAtRest = rest.Contains("--at-rest"),
    IsUpToDate = rest.Contains("--up-to-date"),
    IsCertified = rest.Contains("--certified"),
    Memory = memory,
    EarlierHeads = [.. rest.Zip(rest.Skip(1)).Where(pair => pair.First == "--head").Select(pair => File.ReadAllText(pair.Second))],
});
foreach (var fault in report.Faults)
{
    Console.WriteLine(fault);
}

Console.Error.WriteLine(report.Faults.Count == 0 ? $"Everything holds; {report.UnknownRoots} slices of old lineages are unknown." : $"{report.Faults.Count} faults.");
return report.Faults.Count == 0 ? 0 : 1;
