using System.Diagnostics;
using System.Runtime.Versioning;

namespace Sisa.Cli.Tests.Verbs;

/// <summary>Nobody but its owner reads a store, whatever the umask; what is handed out follows the umask.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PermissionTests : IDisposable
{
    private const UnixFileMode Others = (UnixFileMode)0b000_111_111;

    private readonly SisaCommand _sisa = new();

    public void Dispose() => _sisa.Dispose();

    [Theory]
    [InlineData("000")]
    [InlineData("027")]
    public void Every_file_and_folder_of_a_store_is_its_owners_alone_under_any_umask(string umask)
    {
        _sisa.WriteCorpus(rows: 40, epochs: "1");
        Run(umask, "init --recipe sisa.yaml");
        foreach (var verbs in new[]
        {
            "ingest corpus.jsonl", "train", "forget --item item-00003 --requester-copy copy.json", "forget --subject author-004 --defer", "recover", "train", "verify --rerun",
            "keys rotate log", "certificate export request-0001 handed", "audit export bundle", "export out",
        })
        {
            Run(umask, verbs);
            AssertClosed("shards");
        }

        AssertClosed("bundle");
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_sisa["copy.json"]) & Others);

        var shared = (UnixFileMode)(Convert.ToInt32("777", 8) & ~Convert.ToInt32(umask, 8));
        foreach (var path in new[] { "out", "out/shard-000", "handed" })
        {
            Assert.Equal(shared, File.GetUnixFileMode(_sisa[path]));
        }

        foreach (var path in new[] { "out/ensemble.json", "out/SHA256SUMS", "out/shard-000/config.json", "handed/request-0001.dsse.json" })
        {
            Assert.Equal(shared & (UnixFileMode)Convert.ToInt32("666", 8), File.GetUnixFileMode(_sisa[path]));
        }
    }

    [Fact]
    public void A_store_of_an_earlier_version_is_closed_by_the_next_command_that_writes()
    {
        _sisa.WriteCorpus(rows: 20, epochs: "1");
        _sisa.Train();
        foreach (var path in Directory.EnumerateFileSystemEntries(_sisa["shards"], "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        _sisa.Run("recover").Expect(ExitCode.Done);

        AssertClosed("shards");
    }

    [Fact]
    public void A_missing_folder_of_the_log_is_named_and_its_hint_speaks_of_nothing_else()
    {
        _sisa.WriteCorpus(rows: 20, epochs: "1");
        _sisa.Train();
        Directory.Delete(_sisa["shards/evidence"], recursive: true);

        var errors = _sisa.Run("status").Expect(ExitCode.Data).Errors;
        Assert.Contains("evidence of the evidence log is missing", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Free space", errors, StringComparison.Ordinal);

        Directory.CreateDirectory(_sisa["shards/evidence"]);
        _sisa.Run("status").Expect(ExitCode.Done);
        _sisa.Run("recover").Expect(ExitCode.Done);
    }

    private void AssertClosed(string folder) => Assert.Empty(
        Directory.EnumerateFileSystemEntries(_sisa[folder], "*", SearchOption.AllDirectories).Append(_sisa[folder]).Where(path => (File.GetUnixFileMode(path) & Others) != UnixFileMode.None).Select(path => Path.GetRelativePath(_sisa.Folder, path)));

    private void Run(string umask, string verb)
    {
        var start = new ProcessStartInfo("bash", ["-c", $"umask {umask}; exec \"$0\" {verb} </dev/null", SisaCommand.Program])
        {
            UseShellExecute = false,
            WorkingDirectory = _sisa.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{verb}: {errors.Result}");
    }
}
