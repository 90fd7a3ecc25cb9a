using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sisa.TestKit;

namespace Sisa.Cli.Tests;

/// <summary>The three measurements of a forgetting, as the certificate and the requester's copy tell them.</summary>
public sealed class MeasurementCommandTests : IDisposable
{
    private const int Rows = 240;
    private const int Authors = 30;

    private readonly SisaCommand _sisa = new();

    public void Dispose() => _sisa.Dispose();

    [Fact]
    public void A_certificate_tells_effectiveness_utility_and_cost_and_the_figures_of_before_are_in_the_requesters_copy_alone()
    {
        // Trained until it knows the texts by heart, so that before and after must differ.
        Train(epochs: "40");
        _sisa.Run("forget", "--subject", "author-003", "author-004", "author-005", "--request-id", "r-1", "--requester-copy", "copy.json").Expect(ExitCode.Done);

        var after = Measurements();
        Assert.Equal(24, (int)after["effectiveness"]!["items"]!);
        Assert.Equal(60, (int)after["effectiveness"]!["unseen"]!);
        Assert.Equal(60, (int)after["utility"]!["figures"]!["items"]!);
        Assert.Null(after["effectiveness"]!["lossRanks"]);
        Assert.InRange((double)after["effectiveness"]!["membershipAuc"]!, (double)after["effectiveness"]!["membershipLow"]! + 0.01, (double)after["effectiveness"]!["membershipHigh"]! - 0.01);
        Assert.Null(after["absent"]);
        var before = JsonNode.Parse(File.ReadAllText(_sisa["copy.json"]))!["before"]!;
        Assert.True((double)before["effectiveness"]!["membershipAuc"]! > (double)after["effectiveness"]!["membershipAuc"]!);
        Assert.True((double)before["effectiveness"]!["loss"]! < (double)after["effectiveness"]!["loss"]!);
        Assert.Equal(60, (int)before["utility"]!["figures"]!["items"]!);

        var accuracy = ((double)_sisa.Run("evaluate", "--json").Expect(ExitCode.Done).Json["ensemble"]!["accuracy"]!).ToString("R", CultureInfo.InvariantCulture);
        Assert.Equal(accuracy, ((double)after["utility"]!["figures"]!["accuracy"]!).ToString("R", CultureInfo.InvariantCulture));
        var accuracyBefore = ((double)before["utility"]!["figures"]!["logLoss"]!).ToString("R", CultureInfo.InvariantCulture);
        Assert.DoesNotContain(accuracyBefore, EverythingIn("shards"), StringComparison.Ordinal);
        Assert.Contains("Measured before", _sisa.Run("verify", "shards/certificates/r-1.dsse.json", "--nonce", "copy.json").Expect(ExitCode.Done).Output, StringComparison.Ordinal);
        var shown = _sisa.Run("certificate", "show", "r-1").Output;
        Assert.Contains("Membership inference:", shown, StringComparison.Ordinal);
        Assert.Contains("on 60 held-out items", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void What_waits_is_measured_at_the_receipt_and_again_when_it_is_served()
    {
        Train();
        _sisa.Run("forget", "--item", "item-00007", "--defer", "--request-id", "r-1", "--requester-copy", "copy.json").Expect(ExitCode.Done);
        var before = JsonNode.Parse(File.ReadAllText(_sisa["copy.json"]))!["before"]!;
        Assert.Single(before["effectiveness"]!["lossRanks"]!.AsArray());

        _sisa.Run("train", "--workers", "1").Expect(ExitCode.Done);

        Assert.Equal(1, (int)Measurements()["effectiveness"]!["items"]!);
    }

    [Fact]
    public void Evaluation_rows_that_are_forgotten_or_known_are_left_out_and_told()
    {
        var rows = TestRow.Many(Rows, Authors);
        Train(heldOut: [.. HeldOut(), rows[3], rows[10]]);

        var forgotten = _sisa.Run("forget", "--item", rows[3].Id, "--request-id", "r-1").Expect(ExitCode.Done);

        Assert.Contains("1 row of the evaluation file", forgotten.Errors, StringComparison.Ordinal);
        var utility = Measurements()["utility"]!;
        Assert.Equal((60, 2), ((int)utility["figures"]!["items"]!, (int)utility["leftOut"]!));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{\"id\":\"x\"}\n")]
    public void Without_an_evaluation_file_that_can_be_read_utility_is_not_measured_and_nothing_else_is_lost(string? content)
    {
        WriteMeasured();
        _sisa.TrainHere();
        File.Delete(_sisa["test.jsonl"]);
        if (content is not null)
        {
            _sisa.Write("test.jsonl", content);
        }

        var forgotten = _sisa.Run("forget", "--item", "item-00007", "--request-id", "r-1").Expect(ExitCode.Done);

        Assert.Contains("Retained utility is not measured: ", forgotten.Errors, StringComparison.Ordinal);
        Assert.Equal(1, (int)Measurements()["effectiveness"]!["items"]!);
        Assert.Null(Measurements()["utility"]);
        Assert.Equal("""[{"figure":"utility","reason":"failed"}]""", Measurements()["absent"]!.ToJsonString());
        Assert.Contains("not measured: the measurement failed", _sisa.Run("certificate", "show", "r-1").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_that_forgot_everything_has_nothing_to_measure()
    {
        _sisa.WriteCorpus(rows: 6, authors: 2);
        _sisa.Train();

        _sisa.Run("forget", "--subject", "author-000", "author-001", "--request-id", "r-1").Expect(ExitCode.Done);

        Assert.Null(Measurements()["effectiveness"]);
        Assert.Null(Measurements()["utility"]);
        Assert.Equal("""[{"figure":"effectiveness","reason":"no-model"},{"figure":"utility","reason":"no-model"}]""", Measurements()["absent"]!.ToJsonString());
    }

    private static TestRow[] HeldOut() => [.. TestRow.Many(60, 7, from: 10_000).Select(row => row with { Author = "reader-" + row.Author })];

    private void Train(string epochs = "3", TestRow[]? heldOut = null)
    {
        WriteMeasured(epochs, heldOut);
        _sisa.Train();
    }

    private void WriteMeasured(string epochs = "3", TestRow[]? heldOut = null)
    {
        _sisa.WriteCorpus(Rows, Authors, epochs);
        TestRow.Write(_sisa["test.jsonl"], heldOut ?? HeldOut());
        File.AppendAllText(_sisa["sisa.yaml"], "\nevaluation: { file: test.jsonl }\n");
    }

    private JsonNode Measurements()
    {
        var certificate = JsonNode.Parse(File.ReadAllText(_sisa["shards/certificates/r-1.dsse.json"]))!;
        var statement = JsonNode.Parse(Convert.FromBase64String((string)certificate["payload"]!))!;
        return statement["predicate"]!["measurements"]!;
    }

    private string EverythingIn(string folder) =>
        string.Concat(StoreFiles.All(_sisa[folder]).Select(file => Encoding.Latin1.GetString(StoreFiles.Read(Path.Combine(_sisa[folder], file)))));
}
