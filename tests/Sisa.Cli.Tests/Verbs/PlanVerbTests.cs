using System.Text.Json.Nodes;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Stores;
using Sisa.Forgetting;
using Sisa.TestKit;

namespace Sisa.Cli.Tests.Verbs;

public sealed class PlanVerbTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    [Fact]
    public void A_corpus_that_is_not_there_yet_is_priced_and_what_keeps_the_limit_is_proposed_with_reasons()
    {
        _sisa.WriteCorpus();

        var plan = _sisa.Run("plan", "--items", "8000", "--subjects", "800", "--requests-per-year", "50", "--max-share", "10%", "--max-wait", "1").Expect(ExitCode.Done);

        Assert.Contains("8,000 items of 800 subjects (sizes uniform), 50 requests a year of 1 subject each.", plan.Output, StringComparison.Ordinal);
        Assert.Contains("The recipe as declared: 4 shards × 3 slices, no window", plan.Output, StringComparison.Ordinal);
        Assert.Contains("Seconds are unknown", plan.Output, StringComparison.Ordinal);

        // 1/10 · (2R + 1)/(3R) is under a tenth from two slices on; with five shards it is not.
        Assert.Contains("Proposed: 10 shards × 1 slice, no window. It keeps every limit with the fewest shards", plan.Output, StringComparison.Ordinal);
        Assert.Matches(@"With 5 shards a request costs \d+\.\d % of a training, over the 10\.0 % of --max-share\.", plan.Output);
        Assert.Matches(@"20 shards would do as well, and would save \d+\.\d % of the cost of a request \(\d\.\d % of a training\); the poorest shard would have \d+ items of the rarest label instead of \d+\.", plan.Output);
        Assert.Matches(@"With window 24 h a request waits \d+(\.\d)? h, over the 1 h of --max-wait\.", plan.Output);
    }

    [Fact]
    public void Json_has_a_stable_shape()
    {
        _sisa.WriteCorpus();

        var json = _sisa.Run(
            "plan", "--items", "4000", "--subjects", "400", "--requests-per-year", "20", "--risk", "high=10%:80%", "--shards", "2,5", "--slices", "2", "--window", "0", "24",
            "--seconds-per-visit", "0.001", "--seconds-per-stage", "0.5", "--seconds-per-run", "2", "--max-storage", "1kB", "--json").Expect(ExitCode.No).Json;

        Assert.Equal(["corpus", "requests", "rates", "draws", "seed", "notes", "declared", "otherAssignment", "candidates", "proposal"], Names(json));
        Assert.Equal(["items", "subjects", "subjectSizes", "poorest"], Names(json["corpus"]!));
        Assert.Equal(["perYear", "perRequest", "classes"], Names(json["requests"]!));
        Assert.Equal("high 0.1 0.8; other 0.9 0.2", string.Join("; ", json["requests"]!["classes"]!.AsArray().Select(c => $"{c!["name"]} {Number(c, "shareOfSubjects"):0.##} {Number(c, "shareOfRequests"):0.##}")));
        Assert.Equal(
            [
                "shards", "slices", "window", "trainingVisits", "requestVisits", "batchVisits", "yearVisits", "requests", "retrainings", "stages", "bytesWritten", "waitHours", "fewestItems", "trainingSeconds",
                "requestSeconds", "batchSeconds", "yearSeconds", "sharePerRequest", "secondsPerRequest", "checkpointBytes", "storageBytes", "isDominated",
            ],
            Names(json["declared"]!));
        Assert.Equal(["mean", "low", "high"], Names(json["declared"]!["yearVisits"]!));
        Assert.Equal([0], json["otherAssignment"]!["riskClasses"]!["high"]!["shards"]!.AsArray().Select(s => s!.GetValue<int>()));
        Assert.Equal([2, 3], json["otherAssignment"]!["riskClasses"]!["high"]!["slices"]!.AsArray().Select(s => s!.GetValue<int>()));
        Assert.True(Mean(json["otherAssignment"]!, "yearVisits") < Mean(json["declared"]!, "yearVisits"));
        Assert.Equal(["4 3 0", "2 2 0", "2 2 24", "5 2 0", "5 2 24"], json["candidates"]!.AsArray().Select(c => $"{c!["shards"]} {c["slices"]} {c["window"]}"));

        var proposal = json["proposal"]!;
        Assert.Equal(["isWithinLimits", "cost", "breaches", "neighbours", "reasons"], Names(proposal));
        Assert.False(proposal["isWithinLimits"]!.GetValue<bool>());
        Assert.Equal("storage", proposal["breaches"]![0]!["kind"]!.GetValue<string>());
        Assert.Equal(["kind", "shards", "slices", "window", "breaches"], Names(proposal["neighbours"]![0]!));
    }

    [Fact]
    public void Seconds_are_visits_stages_and_runs_at_the_given_rates()
    {
        _sisa.WriteCorpus();

        var cost = _sisa.Run("plan", "--items", "4000", "--subjects", "400", "--requests-per-year", "20", "--seconds-per-visit", "0.001", "--seconds-per-stage", "0.5", "--seconds-per-run", "2", "--json").Expect(ExitCode.Done).Json["declared"]!;

        Assert.Equal((0.001 * Mean(cost, "yearVisits")) + (0.5 * Mean(cost, "stages")) + (2 * Mean(cost, "retrainings")), Mean(cost, "yearSeconds"), 1e-6);
        Assert.Equal((0.001 * Mean(cost, "trainingVisits")) + (0.5 * 12) + 2, Mean(cost, "trainingSeconds"), 1e-6);
    }

    [Fact]
    public void A_store_is_planned_for_as_it_is()
    {
        _sisa.WriteCorpus(rows: 240, authors: 30);
        _sisa.Write("key", SmallRecipes.Key(3).ToText());
        _sisa.Run("init", "--recipe", "sisa.yaml", "--assignment-key", "key").Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);
        _sisa.Run("train").Expect(ExitCode.Done);

        var plan = _sisa.Run("plan", "--requests-per-year", "5", "--json").Expect(ExitCode.Done).Json;

        Assert.Equal((240, 30, "store"), (plan["corpus"]!["items"]!.GetValue<int>(), plan["corpus"]!["subjects"]!.GetValue<int>(), plan["corpus"]!["subjectSizes"]!.GetValue<string>()));
        Assert.Equal("items of label red", plan["corpus"]!["poorest"]!.GetValue<string>());
        Assert.True(Number(plan["rates"]!, "perVisit") > 0);
        Assert.Null(plan["proposal"]);

        // What is said of checkpoints before there are any is what they come to.
        using var store = Store.Open(_sisa["shards"]);
        var kept = store.Manifest.Checkpoints.All().Where(c => c.Place.Slice.Value == 3).ToArray();
        Assert.Equal(4, kept.Length);
        Assert.All(kept, c => Assert.InRange(Number(plan["declared"]!, "checkpointBytes") / c.SizeBytes, 0.97, 1.03));

        // What requests would cost this store, under its own key, which is fixed here; the plan draws others, and thirty subjects lie unevenly.
        var alone = Mean(plan["declared"]!, "requestVisits");
        var planned = TestRow.Many(240, 30).Select(r => r.Author).Distinct().Average(author => new Forgetter(store).Plan([new ForgetRequest { Subjects = [author] }]).Plan.Visits);
        Assert.InRange(planned / alone, 0.75, 1.35);
    }

    [Fact]
    public void Nothing_of_a_plan_needs_tensors_or_changes_the_store()
    {
        _sisa.WriteCorpus(rows: 60);
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        Assert.Contains("holds no items", _sisa.Run("plan").Expect(ExitCode.No).Errors, StringComparison.Ordinal);
        _sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);
        var before = File.ReadAllBytes(_sisa["shards/manifest.db"]);

        // A path that is not there: whatever loaded libtorch would fail.
        _sisa.Environment["SISA_LIBTORCH"] = "/nowhere";
        Assert.Contains("Seconds are unknown", _sisa.Run("plan").Expect(ExitCode.Done).Output, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_sisa["shards/manifest.db"]));
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        _sisa.WriteCorpus();

        var errors = _sisa.Run(
            "plan", "--items", "0", "--subject-sizes", "pareto", "--requests-per-year", "-1", "--per-request", "x", "--risk", "high", "--shards", "0,3", "--slices", "1001", "--window", "1000000",
            "--max-share", "200%", "--max-storage", "xyz", "--draws", "0", "--seconds-per-stage", "1").Expect(ExitCode.Usage).Errors;

        foreach (var option in new[] { "--items 0", "--subject-sizes pareto", "--requests-per-year -1", "--per-request x", "--risk high", "--shards 0", "--slices 1001", "--window 1000000", "--max-share 200%", "--max-storage xyz", "--draws 0", "--seconds-per-stage" })
        {
            Assert.Contains($"'{option}'", errors, StringComparison.Ordinal);
        }

        Assert.Contains("sisa: hint: See 'sisa plan --help'.", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("are more than '--items 5'", "--items", "5", "--subjects", "6")]
    [InlineData("Give one of them", "--items", "5", "--store", "shards")]
    [InlineData("'--subjects' is for a future corpus", "--subjects", "5")]
    [InlineData("'--recipe' is for a future corpus", "--recipe", "sisa.yaml")]
    [InlineData("needs the speed of training", "--items", "5", "--max-seconds-per-request", "5")]
    [InlineData("names class high twice", "--items", "5", "--risk", "high=1%:1%", "high=1%:1%")]
    [InlineData("has one share", "--items", "5", "--risk", "high=1%")]
    [InlineData("add up to 1.2, more than 1", "--items", "5", "--risk", "high=10%:60%", "low=10%:60%")]
    public void What_does_not_go_together_is_refused(string message, params string[] arguments)
    {
        _sisa.WriteCorpus();

        Assert.Contains(message, _sisa.Run(["plan", .. arguments]).Expect(ExitCode.Usage).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Absurd_wishes_get_an_answer()
    {
        _sisa.WriteCorpus();

        var tiny = _sisa.Run("plan", "--items", "3", "--requests-per-year", "10", "--shards", "500", "--min-items-per-class", "1");
        Assert.Contains("more shards (500) than subjects (3)", tiny.Expect(ExitCode.No).Errors, StringComparison.Ordinal);
        Assert.Contains("Requests end when all subjects are forgotten", tiny.Errors, StringComparison.Ordinal);

        var huge = _sisa.Run("plan", "--items", "1000000", "--subjects", "300000", "--requests-per-year", "300000", "--shards", "4", "--slices", "3", "--draws", "10000", "--json").Expect(ExitCode.Done);
        Assert.InRange(huge.Json["draws"]!.GetValue<int>(), 3, 100);
        Assert.Contains("is limited to", huge.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => _sisa.Dispose();

    private static IEnumerable<string> Names(JsonNode node) => node.AsObject().Select(member => member.Key);

    private static double Number(JsonNode node, string name) => node[name]!.GetValue<double>();

    private static double Mean(JsonNode cost, string name) => cost[name]!["mean"]!.GetValue<double>();
}
