using Sisa.TestKit;

namespace Sisa.Packages.Tests;

/// <summary>Programs that train and forget through the packages, as a stranger builds and runs them.</summary>
public sealed class LibrarySampleTests(Packed packed) : IDisposable
{
    private readonly TempFolder _here = new();

    [Fact]
    public void A_program_trains_answers_forgets_and_verifies_through_the_library()
    {
        var program = Build("train-forget-verify", "out");

        Assert.Equal(
            """
            120 notes, 6 stages trained.
            The question is about music, says epoch 1.
            6 notes of author-07 are to be forgotten: request-0001 is received.
            request-0001 is Certified.
            The question is about music.
            6 of 6 checkpoints are equal to those of a training from scratch.

            """,
            packed.Run(_here.Path, program, 0));
    }

    [Fact]
    public void A_model_of_ones_own_trains_in_workers_forgets_and_ends_thirty_random_lives_exactly()
    {
        var program = Build("own-model", "out");

        Assert.Equal(
            """
            6 stages of a tabular-resnet, width 12, 2 blocks are trained.
            6 points of owner-03 are forgotten: Certified.
            6 of 6 checkpoints are equal to those of a training from scratch.

            """,
            packed.Run(_here.Path, program, 0));
        Assert.Equal("30 of 30 lives end in the bytes of a store that never held what was forgotten.\n", packed.Run(_here.Path, $"{program} lives 30", 0));

        var before = packed.Run(_here.Path, $"{program} status", 0).Split('\n');
        var after = packed.Run(_here.Path, $"{Changed("own-model", "TabularResNet.cs", ".relu()", ".tanh()")} status", 0).Split('\n');

        Assert.Equal("up to date", before[1]);
        Assert.StartsWith("recipe ", after[0], StringComparison.Ordinal);
        Assert.NotEqual(before[0], after[0]);
        Assert.Equal("to be trained again", after[1]);
    }

    public void Dispose() => _here.Dispose();

    // Builds a sample, and puts its data where it is to run.
    private string Build(string name, string output)
    {
        var sample = packed.Sample(name);
        foreach (var file in Directory.EnumerateFiles(sample).Where(file => Path.GetExtension(file) is ".jsonl" or ".yaml"))
        {
            File.Copy(file, _here[Path.GetFileName(file)]);
        }

        packed.Run(sample, $"dotnet build -c Release -o {output} -warnaserror", 0);
        return Path.Combine(sample, output, name);
    }

    private string Changed(string name, string file, string found, string replaced)
    {
        var sample = packed.SampleFolder(name);
        var text = File.ReadAllText(Path.Combine(sample, file));
        Assert.Contains(found, text, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(sample, file), text.Replace(found, replaced, StringComparison.Ordinal));
        packed.Run(sample, "dotnet build -c Release -o changed -warnaserror", 0);
        return Path.Combine(sample, "changed", name);
    }
}
