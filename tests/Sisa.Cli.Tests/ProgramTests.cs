using System.CommandLine;
using System.Reflection;

namespace Sisa.Cli.Tests;

public sealed class ProgramTests
{
    [Fact]
    public void The_command_is_called_sisa()
    {
        Assert.Equal("sisa", Assembly.Load("sisa").GetName().Name);
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, "sisa.runtimeconfig.json")));
    }

    [Theory]
    [InlineData("ingest", "")]
    [InlineData("status", "--store", "")]
    [InlineData("forget", "--subject", "ann", "--requester-copy", "")]
    [InlineData("verify", "")]
    [InlineData("--store", "", "status")]
    public void An_empty_value_is_refused_before_anything_is_done(params string[] arguments)
    {
        using var sisa = new SisaCommand();

        var answer = sisa.Run(arguments);

        Assert.Equal((int)ExitCode.Usage, answer.ExitCode);
        Assert.Contains("A value on the command line is empty.", answer.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verb_that_is_made_alone_reads_its_command_line_as_it_does_among_all()
    {
        string[] verbs = [.. Program.CreateRoot().Subcommands.Select(verb => verb.Name)];
        Assert.Equal(20, verbs.Length);
        foreach (var verb in verbs)
        {
            Assert.Equal([verb], Program.CreateRoot(verb).Subcommands.Select(made => made.Name));
            foreach (var rest in new[] { "", "--help", "--json --store elsewhere", "status", "--nonsense", "one two three" })
            {
                string[] arguments = [verb, .. rest.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
                Assert.Equal(Told(Program.CreateRoot(), arguments), Told(Program.CreateRoot(verb), arguments));
            }
        }

        Assert.Equal(verbs, Program.CreateRoot("--json").Subcommands.Select(made => made.Name));
        Assert.Equal(verbs, Program.CreateRoot("statu").Subcommands.Select(made => made.Name));
    }

    private static string Told(RootCommand root, string[] arguments)
    {
        var parse = root.Parse(arguments);
        return $"{parse.CommandResult.Command.Name}\n{string.Join('\n', parse.Errors.Select(error => error.Message))}\n{parse}";
    }
}
