using Microsoft.Data.Sqlite;
using Sisa.Cli.Terminal;
using Sisa.Storage.Files;

namespace Sisa.Cli.Tests.Terminal;

public sealed class FaultTests
{
    [Theory]
    [InlineData(5, ExitCode.Resumable, "Another process uses the manifest")]
    [InlineData(6, ExitCode.Resumable, "Another process uses the manifest")]
    [InlineData(8, ExitCode.InputOutput, "it can only be read")]
    [InlineData(10, ExitCode.InputOutput, "the device failed")]
    [InlineData(13, ExitCode.InputOutput, "no space is left")]
    [InlineData(14, ExitCode.InputOutput, "cannot be opened")]
    [InlineData(11, ExitCode.Data, "it is damaged")]
    [InlineData(26, ExitCode.Data, "it is not a SQLite database")]
    public void What_the_manifest_says_decides_whether_to_repeat_to_mend_or_to_restore(int code, ExitCode expected, string message)
    {
        var fault = Fault.Of(new SqliteException("it said so", code));

        Assert.Equal(expected, fault.ExitCode);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("it said so", fault.Message, StringComparison.Ordinal);
        Assert.NotNull(fault.Hint);
    }

    [Fact]
    public void A_full_device_is_no_failing_one()
    {
        // SQLITE_IOERR_SHMSIZE, which a full device gives when a manifest is opened.
        var fault = Fault.Of(new SqliteException("disk I/O error", 10, 4874));

        Assert.Contains("no space is left", fault.Message, StringComparison.Ordinal);
        Assert.Equal("Free space", SystemFault.Remedy(new SqliteException("disk I/O error", 10, 4874)));
        Assert.Contains("The device fails", SystemFault.Remedy(new SqliteException("disk I/O error", 10, 778)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_of_the_program_that_is_missing_is_no_file_of_the_user()
    {
        const string Part = "dbup-sqlite, Version=6.0.4.0, Culture=neutral, PublicKeyToken=4b419c53bdfd4cbf";
        var fault = Fault.Of(new FileNotFoundException("Could not load file or assembly", Part));

        Assert.Equal(ExitCode.Unavailable, fault.ExitCode);
        Assert.Contains("ulimit -n", fault.Hint, StringComparison.Ordinal);
        Assert.Equal(fault, Fault.Of(new TypeInitializationException("T", new FileNotFoundException("Could not load file or assembly", Part))));
        Assert.Equal(ExitCode.InputOutput, Fault.Of(new FileNotFoundException("no such file", "corpus.jsonl")).ExitCode);
    }

    [Theory]
    [InlineData(24, "ulimit -n")]
    [InlineData(28, "Free space")]
    [InlineData(30, "mount it for writing")]
    public void A_hint_is_about_what_the_system_said(int number, string hint)
    {
        Assert.Contains(hint, Fault.Of(new IOException("it said so", number)).Hint, StringComparison.Ordinal);
        Assert.Contains(hint, DurableFile.Failed("write", "/x", new IOException("it said so", number)).Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FaultKind.NotFound, 1)]
    [InlineData(FaultKind.Usage, 2)]
    [InlineData(FaultKind.Data, 65)]
    [InlineData(FaultKind.Unavailable, 69)]
    [InlineData(FaultKind.Internal, 70)]
    [InlineData(FaultKind.InputOutput, 74)]
    [InlineData(FaultKind.Busy, 75)]
    [InlineData(FaultKind.Interrupted, 75)]
    [InlineData(FaultKind.Recipe, 78)]
    public void Every_kind_of_fault_has_its_exit_code(FaultKind kind, int code) => Assert.Equal(code, (int)Fault.CodeOf(kind));

    [Fact]
    public void A_remedy_is_told_in_the_words_of_the_command_line() =>
        Assert.Equal(new Fault("It broke.", "Run 'sisa recover'.", ExitCode.Data), Fault.Of(new StoreException("It broke.", $"Run {Step.Recover}.")));

    [Fact]
    public void Every_other_exception_has_its_exit_code()
    {
        Assert.Equal(new Fault("usage", "hint", ExitCode.Usage), Fault.Of(new UsageException("usage", "hint")));
        var denied = Fault.Of(new UnauthorizedAccessException("Access to the path '/x' is denied."));
        Assert.Equal((ExitCode.InputOutput, "/x cannot be read or written: permission denied."), (denied.ExitCode, denied.Message));
        Assert.Equal(ExitCode.InputOutput, Fault.Of(new IOException()).ExitCode);
        Assert.Equal(ExitCode.Resumable, Fault.Of(new OperationCanceledException()).ExitCode);
        Assert.Equal(ExitCode.Internal, Fault.Of(new InvalidOperationException()).ExitCode);
    }
}
