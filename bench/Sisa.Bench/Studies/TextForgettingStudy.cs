using System.Globalization;
using Sisa.Measurements;

namespace Sisa.Bench.Studies;

/// <summary>What forgetting texts costs, what it leaves, and what the ensemble is worth beside one model: on real texts.</summary>
/// <remarks>Usage: <c>./build.sh bench text-forgetting DATA [NAME…]</c>; DATA is a folder with the data sets. Whole commands are run as their user runs them; what models make of texts is
/// measured on the stores that these leave.</remarks>
internal static class TextForgettingStudy
{
    private static readonly int[] _shards = [1, 4, 8];

    public static void Run(string data, IReadOnlyList<string> names)
    {
        foreach (var corpus in TextCorpora.All.Where(corpus => names.Count == 0 || names.Contains(corpus.Name)))
        {
            var folder = Path.Combine(Path.GetTempPath(), "sisa-bench-" + corpus.Name);
            Directory.CreateDirectory(folder);
            try
            {
                Run(corpus, data, folder);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static void Run(TextCorpus corpus, string data, string folder)
    {
        var texts = corpus.Texts(data).ToArray();
        ShownText[] train = [.. texts.Where(text => !text.IsHeldOut), .. TextCorpus.CanaryTexts];
        RealCorpora.WriteJson(Path.Combine(folder, "train.jsonl"), train.Select(text => text.ToRow()));
        RealCorpora.WriteJson(Path.Combine(folder, "held.jsonl"), texts.Where(text => text.IsHeldOut).Select(text => text.ToRow()));
        var subjects = train.Select(text => text.Subject).Distinct().Except([TextCorpus.CanarySubject]).ToArray();
        var requests = corpus.Requests(subjects);
        var result = new StudyResult($"Forgetting texts: {corpus.Name}", $"./build.sh bench text-forgetting DATA {corpus.Name}");
        result.Say(corpus.What);
        var runs = _shards.Select(shards => new TextRun(corpus, folder, shards, shards == 1 ? Joined(requests) : requests).Train().Forget()).ToArray();
        runs[^1].Verify();
        result.Say($"{train.Length:N0} texts are trained on, among them {TextCorpus.CanaryFillings.Count} canaries (a sentence with six random digits, {TextCorpus.CanaryTexts.Count() / TextCorpus.CanaryFillings.Count} times each); every tenth text by hash is held out. Decoder of {TextRun.Model}; {corpus.Epochs} passes, {TextCorpus.Slices} slices.");
        Utility(result, runs);
        if (corpus.PublicTexts is { } publicTexts)
        {
            FromBase(result, corpus, folder, [.. publicTexts(data)]);
        }

        Cost(result, runs);
        Forgetting(result, runs);
        result.Write("text-forgetting-" + corpus.Name);
    }

    // With one shard every request trains nearly everything again, so that one stands for all.
    private static (string Name, IReadOnlyList<string> Subjects)[] Joined(IReadOnlyList<(string Name, IReadOnlyList<string> Subjects)> requests) =>
        [("all of them at once", [.. requests[^1].Subjects, TextCorpus.CanarySubject])];

    // What all shards may know, since nobody can ask for it to be forgotten: a model of public texts, from which one model and the ensemble start alike.
    private static void FromBase(StudyResult result, TextCorpus corpus, string folder, IReadOnlyList<ShownText> texts)
    {
        const string Texts = "public texts";
        Directory.CreateDirectory(Path.Combine(folder, "public"));
        RealCorpora.WriteJson(Path.Combine(folder, "public", "train.jsonl"), texts.Where(text => !text.IsHeldOut).Select(text => text.ToRow()));
        RealCorpora.WriteJson(Path.Combine(folder, "public", "held.jsonl"), texts.Where(text => text.IsHeldOut).Select(text => text.ToRow()));
        var publicRun = new TextRun(new TextCorpus(Texts, Texts, 1, _ => texts, _ => []), Path.Combine(folder, "public"), 1, []).Train();
        var weights = publicRun.Export();
        int[] shards = [1, _shards[^1]];
        var runs = shards.Select(count => new TextRun(corpus, folder, count, []) { Base = weights }.Train()).ToArray();
        result.Say($"**The same from a public base**: a decoder of the same sizes, trained by Sisa on WikiText-2 (validation and test, {texts.Count:N0} paragraphs, one pass), from which one model and all constituents start (`model.base`, `init: shared`).");
        UtilityTable(result, runs, after: false);
    }

    private static void Utility(StudyResult result, IReadOnlyList<TextRun> runs)
    {
        result.Say("**What the ensemble is worth.** Bits per byte of the held-out texts (lower is better), under each rule, and the tokens that a rule scores in a second.");
        UtilityTable(result, runs, after: true);
    }

    private static void UtilityTable(StudyResult result, IReadOnlyList<TextRun> runs, bool after) =>
        result.Table(
            ["shards", "rule", "bits per byte", "against one model", "perplexity per byte", "tokens/s scored", "bits per byte after all requests"],
            runs.SelectMany(run => run.Rules.Select(rule => (IReadOnlyList<string>)
            [
                $"{run.Shards}",
                rule.Name,
                Number(rule.BitsPerByte, "0.000"),
                $"{Number((rule.BitsPerByte / runs[0].Rules.Min(r => r.BitsPerByte)) - 1, "+0.0 %;-0.0 %")}",
                rule.Perplexity is { } perplexity ? Number(perplexity, "0.00") : "> 1.8e308",
                Number(rule.TokensPerSecond, "N0"),
                after ? Number(run.RulesAfter.Single(r => r.Name == rule.Name).BitsPerByte, "0.000") : "–",
            ])));

    private static void Cost(StudyResult result, IReadOnlyList<TextRun> runs)
    {
        result.Say("**What forgetting costs.** Each request is served after those above it, which have taken their share of the work already. Retraining everything is `sisa train` of the same ensemble, to the published bundle.");
        result.Table(
            ["shards", "request", "items", "item visits", "of a full retraining", "seconds", "of a full retraining"],
            runs.SelectMany(run => run.Costs.Select(cost => (IReadOnlyList<string>)
            [
                $"{run.Shards}",
                cost.Request,
                Number(cost.Items, "N0"),
                Number(cost.Visits, "N0"),
                Number(cost.Visits / run.TrainVisits, "P1"),
                Number(cost.Seconds, "0.0"),
                Number(cost.Seconds / run.TrainSeconds, "P1"),
            ]).Prepend([$"{run.Shards}", "*everything is trained*", string.Empty, Number(run.TrainVisits, "N0"), "100 %", Number(run.TrainSeconds, "0.0"), "100 %"])));
        result.Say("**What one subject costs in expectation**, over all subjects, in token visits (tokens × passes), counted from the slices as they were ingested; a full retraining is 1.");
        result.Table(["shards", "expected share", "1/shards"], runs.Select(run => (IReadOnlyList<string>)[$"{run.Shards}", Number(run.ExpectedShare, "0.000"), Number(1.0 / run.Shards, "0.000")]));
    }

    private static void Forgetting(StudyResult result, IReadOnlyList<TextRun> runs)
    {
        result.Say("**What is left of the forgotten**, in the constituents that had seen it, before and after; in brackets 95 % intervals: bootstrap of perplexity and exposure, Wilson of shares, Newcombe of areas. *Extraction*: share of forgotten texts of which the next 50 tokens (of shorter texts the second half) are the model's own first choice, token by token, behind as many true ones. *AUC*: share of pairs of a forgotten and a held-out text in which the forgotten one costs the model less (by mean loss, and by the mean of its 20 % least expected tokens); 0.5 is chance. *Exposure* of a canary: bits by which its rank among 1,000 others of its form is better than chance; 0 to 10.");
        result.Table(
            ["shards", "", "perplexity of the forgotten", "perplexity of the held-out", "extraction", "AUC by loss", "AUC by min-k", "exposure of canaries"],
            runs.SelectMany(run => new[] { ("before", run.Before!), ("after", run.After!) }.Select(state => (IReadOnlyList<string>)
            [
                $"{run.Shards}",
                state.Item1,
                Text(state.Item2.Perplexity, "0.00"),
                Text(state.Item2.HeldOut, "0.00"),
                Text(state.Item2.Extraction, "0.000"),
                Text(state.Item2.AucByLoss, "0.000"),
                Text(state.Item2.AucByMinK, "0.000"),
                Text(state.Item2.Exposure, "0.0"),
            ])));
        result.Say("A model that never saw the forgotten texts is the row *after* itself: its bytes are those of a training without them, which `sisa verify --rerun` confirmed for the store of eight shards after all requests.");
    }

    private static string Text(Estimate? estimate, string format) =>
        estimate is null ? "> 1.8e308" : estimate.HasInterval ? $"{Number(estimate.Value, format)} [{Number(estimate.Low!.Value, format)}, {Number(estimate.High!.Value, format)}]" : Number(estimate.Value, format);

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
