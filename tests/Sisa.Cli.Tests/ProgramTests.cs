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
}
