using Microsoft.Data.Sqlite;
using Sisa.Cli.Terminal;

namespace Sisa.Cli.Tests.Terminal;

public sealed class FaultTests
{
    [Theory]
    [InlineData(5, ExitCode.Resumable)]
    [InlineData(6, ExitCode.Resumable)]
    [InlineData(8, ExitCode.InputOutput)]
    [InlineData(10, ExitCode.InputOutput)]
    [InlineData(13, ExitCode.InputOutput)]
    [InlineData(14, ExitCode.InputOutput)]
    [InlineData(11, ExitCode.Data)]
    [InlineData(26, ExitCode.Data)]
    public void What_the_manifest_says_decides_whether_to_repeat_to_mend_or_to_restore(int code, ExitCode expected)
    {
        var fault = Fault.Of(new SqliteException("it said so", code));

        Assert.Equal(expected, fault.ExitCode);
        Assert.Contains("it said so", fault.Message, StringComparison.Ordinal);
        Assert.NotNull(fault.Hint);
    }

    [Fact]
    public void Every_other_exception_has_its_exit_code()
    {
        Assert.Equal(new Fault("usage", "hint", ExitCode.Usage), Fault.Of(new UsageException("usage", "hint")));
        Assert.Equal((ExitCode.InputOutput, "/x is denied"), (Fault.Of(new UnauthorizedAccessException("/x is denied")).ExitCode, Fault.Of(new UnauthorizedAccessException("/x is denied")).Message));
        Assert.Equal(ExitCode.InputOutput, Fault.Of(new IOException()).ExitCode);
        Assert.Equal(ExitCode.Resumable, Fault.Of(new OperationCanceledException()).ExitCode);
        Assert.Equal(ExitCode.Internal, Fault.Of(new InvalidOperationException()).ExitCode);
    }
}
