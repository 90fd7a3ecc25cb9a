using System.Diagnostics;

namespace Sisa.Cli.Tests.Serving;

public sealed class PredictTests(TrainedStore trained) : IClassFixture<TrainedStore>
{
    private readonly SisaCommand _sisa = trained.Sisa;

    [Fact]
    public void Rows_before_a_bad_one_are_answered()
    {
        string[] rows = [.. Enumerable.Range(0, 3).Select(i => $"{{\"text\": \"one {i}\", \"id\": \"q{i}\"}}")];
        _sisa.Write("good.jsonl", string.Join('\n', rows));
        _sisa.Write("rows.jsonl", string.Join('\n', [.. rows, "not json", .. rows]));

        var result = _sisa.Run("predict", "rows.jsonl").Expect(ExitCode.Data);

        Assert.Equal(_sisa.Run("predict", "good.jsonl").Expect(ExitCode.Done).Output, result.Output);
        Assert.Contains("rows.jsonl:4:", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void A_prediction_that_waits_for_input_ends_at_once_when_it_is_asked_to(string signal)
    {
        using var predict = _sisa.Start("predict");
        predict.StandardInput.WriteLine("{\"text\": \"one\", \"id\": \"q1\"}");
        predict.StandardInput.Flush();
        Assert.Contains("q1", predict.StandardOutput.ReadLine(), StringComparison.Ordinal);
        var clock = Stopwatch.StartNew();

        SisaCommand.Signal(predict, signal);

        // Eight seconds is how long the program would be waited for if it did not end by itself.
        Assert.True(predict.WaitForExit(TimeSpan.FromSeconds(7)), $"It still runs after {clock.Elapsed}.");
        Assert.Equal((int)ExitCode.Resumable, predict.ExitCode);
        Assert.Contains("sisa: error: Interrupted.", predict.StandardError.ReadToEnd(), StringComparison.Ordinal);
    }
}
