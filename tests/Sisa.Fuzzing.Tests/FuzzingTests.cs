using Sisa.Fuzzing.Engine;
using Sisa.Fuzzing.Targets;

namespace Sisa.Fuzzing.Tests;

/// <summary>The short form of the campaign: every committed input, and a second of new ones.</summary>
/// <remarks>The seed is fixed, so that a failure comes again: <c>./build.sh fuzz TARGET --seed 1</c>. What failed lies under <c>artifacts/fuzzing/TARGET/faults</c>.</remarks>
public sealed class FuzzingTests
{
    private const double SecondsPerTarget = 1;
    private const int Seed = 1;

    public static TheoryData<string> Targets => [.. AllTargets.Names];

    [Theory]
    [MemberData(nameof(Targets))]
    public void No_input_makes_a_parser_throw_what_it_does_not_document_or_break_what_must_hold(string target)
    {
        var result = new TargetRun(target, Seed).Run(new Budget(long.MaxValue, SecondsPerTarget), isKept: false);

        Assert.Empty(result.OpenFaults);
        Assert.True(result.Executions > 0 && result.Edges > 50, $"{result.Executions} executions took {result.Edges} edges: the assemblies are not instrumented.");
    }

    [Fact]
    public void Every_folder_of_inputs_belongs_to_a_target() =>
        Assert.Empty(Directory.EnumerateDirectories(FuzzFolders.Corpus(string.Empty)).Select(Path.GetFileName).Except(AllTargets.Names));

    [Fact]
    public void The_committed_inputs_are_small() =>
        Assert.InRange(Directory.EnumerateFiles(FuzzFolders.Corpus(string.Empty), "*", SearchOption.AllDirectories).Sum(path => new FileInfo(path).Length), 1, 1 << 20);
}
