namespace Sisa.Cli.Tests;

/// <summary>What <c>sisa init --inspect</c> proposes goes through init, ingest and train as it says, whatever the file looks like.</summary>
public sealed class InspectedFilesTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    [Theory]
    [InlineData("spam.tsv")]
    [InlineData("leaves.csv")]
    [InlineData("persons.csv")]
    [InlineData("reviews.csv")]
    [InlineData("semicolons.csv")]
    [InlineData("texts.jsonl")]
    [InlineData("instructions.jsonl")]
    [InlineData("holes.csv")]
    [InlineData("codes.csv")]
    [InlineData("vectors.jsonl")]
    [InlineData("lines.txt")]
    [InlineData("tiny.jsonl")]
    public void A_proposal_goes_through_init_ingest_and_train(string name)
    {
        _sisa.Write(name, Generate(name));
        var proposed = _sisa.Run("init", "--inspect", name, "--set", "training.epochs=0.5").Expect(ExitCode.Done).Output;
        _sisa.Write("proposed.yaml", proposed);
        _sisa.Run("init", "--recipe", "proposed.yaml").Expect(ExitCode.Done);
        string[] skip = proposed.Contains($"sisa ingest --on-error skip {name} ", StringComparison.Ordinal) ? ["--on-error", "skip"] : [];
        _sisa.Run(["ingest", name, .. skip]).Expect(ExitCode.Done);
        _sisa.Run("train", "--workers", "1").Expect(ExitCode.Done);
    }

    public void Dispose() => _sisa.Dispose();

    private static string Generate(string name) => name switch
    {
        "spam.tsv" => Rows(120, i => $"{(i % 4 == 0 ? "spam" : "ham")}\t{Sentence(i)}"),
        "leaves.csv" => "width,kind_of_leaf,length\n" + Rows(90, i => $"{1 + (i * 0.013):0.000},{(i % 3 == 0 ? "oak" : "fir")},{(i % 11 == 0 ? "?" : "2.5")}"),
        "persons.csv" => "id,customer_id,visits,plan,churn\n" + Rows(120, i => $"{i},C{i % 30},{i % 17},{"abc"[i % 3]},{(i % 5 == 0 ? 1 : 0)}"),
        "reviews.csv" => "Unnamed: 0,review,stars\n" + Rows(100, i => $"{i},{Sentence(i)},{1 + (i % 5)}"),
        "semicolons.csv" => "body;topic\n" + Rows(100, i => $"{Sentence(i)}, {Sentence(i + 1)};{"wsb"[i % 3]}"),
        "texts.jsonl" => Rows(100, i => $$"""{"author":"a{{i % 30}}","text":"{{Sentence(i)}}"}"""),
        "instructions.jsonl" => Rows(60, i => $$"""{"instruction":"{{Sentence(i)}}","output":"{{Sentence(i + 5)}}"}"""),
        "holes.csv" => "id,text,label\n" + Rows(100, i => $"{i},{Sentence(i)},{(i % 9 == 0 ? string.Empty : i % 2 == 0 ? "yes" : "no")}"),
        "codes.csv" => Rows(100, i => $"k{i * 7919 % 100_003:x5},{i % 4:000},{i % 13},{"xy"[i % 2]}"),
        "vectors.jsonl" => Rows(80, i => $$"""{"id":"v{{i}}","e":[{{i % 7}},{{i % 5}},0.5],"class":"{{"ab"[i % 2]}}"}"""),
        "lines.txt" => Rows(80, Sentence),
        _ => Rows(6, i => $$"""{"text":"{{Sentence(i)}}","label":"{{"ab"[i % 2]}}"}"""),
    };

    private static string Rows(int count, Func<int, string> row) => string.Concat(Enumerable.Range(0, count).Select(i => row(i) + "\n"));

    private static string Sentence(int i) => $"the river and the {(char)('a' + (i % 26))}ferry of day {i} by the {(i * 7 % 10) + 1} stones";
}
