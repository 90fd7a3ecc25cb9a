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
}
