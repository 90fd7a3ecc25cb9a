using System.Diagnostics;
using Sisa.Models;
using Sisa.Readers.Inspection;
using Sisa.Readers.Recipes;
using Sisa.Training;

namespace Sisa.Readers.Tests;

/// <summary>Roles that inspection proposes, against a table made by hand from the README and the first rows of every data set.</summary>
public sealed class InspectedRolesTests : IDisposable
{
    private static readonly string[] _words = ["river", "stone", "garden", "market", "winter", "paper", "road", "silver", "cloud", "window", "ferry", "soup"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("adult/adult.data.gz", "", "", "", "c15", "mlp")]
    [InlineData("ag-news/test.csv.gz", "", "", "c2,c3", "c1", "text-classifier")]
    [InlineData("goemotions/train.tsv.gz", "c3", "", "c1", "c2", "text-classifier")]
    [InlineData("diabetes130/diabetic_data.csv.gz", "encounter_id", "patient_nbr", "", "readmitted", "mlp")]
    [InlineData("movielens-small/ratings.csv.gz", "", "userId", "", "rating", "mlp")]
    [InlineData("nusax-sentiment/english.jsonl.gz", "id", "", "text", "label", "text-classifier")]
    [InlineData("tinyshakespeare/speeches.jsonl.gz", "id", "speaker", "text", "", "decoder")]
    [InlineData("tinyshakespeare/input.txt.gz", "", "", "text", "", "decoder")]
    [InlineData("wikitext2-valid-test/valid.txt.gz", "", "", "text", "", "decoder")]
    [InlineData("ud-text/de.jsonl.gz", "id", "", "text", "", "decoder")]
    [InlineData("ud-text/ja.jsonl.gz", "id", "", "text", "", "decoder")]
    [InlineData("udhr2/udhr2.jsonl.gz", "id", "", "text", "", "decoder")]
    [InlineData("tofu/full.jsonl.gz", "id", "author", "question,answer", "", "decoder")]
    [InlineData("tofu-multilingual/hi.jsonl.gz", "id", "author", "question,answer", "", "decoder")]
    [InlineData("stackexchange-coffee/posts.jsonl.gz", "id", "user_id", "title,text", "", "decoder")]
    [InlineData("fashion-mnist/t10k-images-idx3-ubyte.gz", "", "", "", "", "cnn")]
    [InlineData("cases/04-inspect-small-files/prompts.jsonl", "", "", "prompt,completion", "", "decoder")]
    [InlineData("cases/04-inspect-small-files/people.csv", "id", "", "", "bought", "mlp")]
    [InlineData("cases/05-inspect-label-first/sms.tsv", "", "", "c2", "c1", "text-classifier")]
    [InlineData("cases/21-inspect-id-last-column/x.tsv", "c3", "", "c1", "c2", "text-classifier")]
    public void Data_sets_get_the_roles_that_their_readers_would_give(string name, string id, string subject, string text, string label, string kind) =>
        AssertRoles(RealDataTests.Find(name), id, subject, text, label, kind);

    [Theory]
    [InlineData("clinc150/data_full.json.gz", "one JSON document", "gzip -dc FILE | jq -c '.train[] | {c1: .[0], c2: .[1]}'")]
    [InlineData("omniglot-writers/images-28x28-idx3-ubyte.gz", "No file of labels", "--set corpus.labels=FILE")]
    [InlineData("cases/07-inspect-json-array/x.json", "JSON array", "jq -c .[] FILE")]
    [InlineData("cases/10-nested-chat/x.jsonl", "'messages'", "jq -c '.text = ([.messages[]?")]
    public void Data_sets_that_need_work_are_refused_with_what_to_do(string name, string message, string hint)
    {
        var refused = Assert.Throws<CorpusException>(() => RecipeInspector.Inspect(RealDataTests.Find(name)));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Contains(hint, refused.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("label-first.tsv", "", "", "c2", "c1", "text-classifier")]
    [InlineData("label-middle.csv", "", "", "", "kind_of_leaf", "mlp")]
    [InlineData("id-last.csv", "c3", "", "c1", "c2", "text-classifier")]
    [InlineData("persons.csv", "id", "customer_id", "", "churn", "mlp")]
    [InlineData("pandas.csv", "Unnamed: 0", "", "review", "stars", "text-classifier")]
    [InlineData("semicolons.csv", "", "", "body", "topic", "text-classifier")]
    [InlineData("texts.jsonl", "", "author", "text", "", "decoder")]
    [InlineData("instructions.jsonl", "", "", "instruction,output", "", "decoder")]
    [InlineData("holes.csv", "id", "", "text", "label", "text-classifier")]
    [InlineData("single.csv", "", "", "c1", "", "decoder")]
    [InlineData("vectors.jsonl", "id", "", "", "class", "mlp")]
    [InlineData("names.csv", "", "", "name", "country", "text-classifier")]
    public void Generated_files_get_their_roles(string name, string id, string subject, string text, string label, string kind) =>
        AssertRoles(_folder.Write(name, Generate(name)), id, subject, text, label, kind);

    [Fact]
    public void Columns_of_addresses_and_constants_are_left_out_by_name()
    {
        var rows = Enumerable.Range(0, 60).Select(i => $"{i},p{i}@example.org,10.0.0.{i},2024-03-{1 + (i % 28):00},same,{i % 7},{(i % 3 == 0 ? "yes" : "no")}\n");
        var (recipe, notes) = RecipeInspector.Inspect(_folder.Write("a.csv", "id,email,ip,joined,constant,visits,bought\n" + string.Concat(rows)));
        Assert.Null(recipe.Features.Categories);
        Assert.Equal("visits", Assert.Single(recipe.Features.Numbers).Field);
        Assert.Contains("Left out, because nearly every row has a value of its own: 'email', 'ip'.", notes);
        Assert.Contains("Left out, because all rows have the same value: 'constant'.", notes);
        Assert.Contains(notes, note => note.Contains("dates", StringComparison.Ordinal) && note.Contains("'joined'", StringComparison.Ordinal));
    }

    [Fact]
    public void A_column_about_customers_is_no_subject()
    {
        var rows = Enumerable.Range(0, 60).Select(i => $"{i},{20 + (i % 9)},{(i % 2 == 0 ? "f" : "m")},{(i % 3 == 0 ? "yes" : "no")}\n");
        var (recipe, _) = RecipeInspector.Inspect(_folder.Write("a.csv", "id,customer_age,customer_gender,churn\n" + string.Concat(rows)));
        Assert.Empty(recipe.Corpus.Fields.Subject);
    }

    [Fact]
    public void Keys_that_are_set_win_and_the_rest_follows()
    {
        var path = _folder.Write("a.jsonl", string.Concat(Enumerable.Range(0, 80).Select(i => $"{{\"id\":{i},\"text\":\"{Sentence(i)}\",\"label\":\"{"ab"[i % 2]}\",\"place\":\"{"xyz"[i % 3]}\"}}\n")));
        var language = RecipeInspector.Inspect([path], ["task=language-model", "training.epochs=2"], TestContext.Current.CancellationToken).Recipe;
        Assert.Equal((TaskKind.LanguageModel, null, 2.0), (language.Task, language.Corpus.Fields.Label, language.Training.Epochs));
        Assert.IsType<DecoderOptions>(language.Model);
        var place = RecipeInspector.Inspect([path], ["corpus.fields.label=place"], TestContext.Current.CancellationToken).Recipe;
        Assert.Equal(["x", "y", "z"], place.Labels);
        var unknown = Assert.Throws<CorpusException>(() => RecipeInspector.Inspect([path], ["corpus.fields.label=Place"], TestContext.Current.CancellationToken));
        Assert.Contains("'Place'", unknown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"id\":1,\"messages\":[{\"role\":\"user\",\"content\":\"hi \\\"there\\\"\"},{\"role\":\"assistant\",\"content\":null}]}\n", "user: hi \\\"there\\\"\\nassistant: ")]
    [InlineData("{\"id\":1,\"conversations\":[{\"from\":\"human\",\"value\":\"hi\"},{\"from\":\"gpt\",\"value\":\"yes\"}]}\n", "human: hi\\ngpt: yes")]
    [InlineData("{\"id\":1,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}]}\n", "user: hi")]
    [InlineData("{\n \"rows\": [\n  [\"some text\", \"a\"]\n ]\n}\n", "{\"c1\":\"some text\",\"c2\":\"a\"}")]
    [InlineData("{\"text\":{\"0\":\"one\",\"1\":\"two\"},\"label\":{\"0\":\"a\",\"1\":\"b\"}}", "{\"text\":\"one\",\"label\":\"a\"}\n{\"text\":\"two\",\"label\":\"b\"}")]
    [InlineData("{\n\"id\": 1\n}\n{\n\"id\": 2\n}\n", "{\"id\":1}\n{\"id\":2}")]
    public void The_line_of_jq_that_a_refusal_names_works(string content, string result)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/jq") && File.Exists("/bin/bash"), "There is no jq or no bash on this machine.");
        var hint = Assert.Throws<CorpusException>(() => RecipeInspector.Inspect(_folder.Write("x.json", content))).Hint!;
        var start = new ProcessStartInfo("/bin/bash", ["-c", hint[hint.IndexOf("jq -c", StringComparison.Ordinal)..].Replace("FILE", "x.json", StringComparison.Ordinal)]) { WorkingDirectory = _folder.PathOf(".") };
        using (var shell = Process.Start(start)!)
        {
            shell.WaitForExit();
            Assert.Equal(0, shell.ExitCode);
        }

        Assert.Contains(result, File.ReadAllText(_folder.PathOf("ROWS.jsonl")), StringComparison.Ordinal);
    }

    private static void AssertRoles(string path, string id, string subject, string text, string label, string kind)
    {
        var inspected = RecipeInspector.Inspect(path);
        var fields = inspected.Recipe.Corpus.Fields;
        Assert.Equal((id, subject, text, label), (string.Join(',', fields.Id), string.Join(',', fields.Subject), string.Join(',', fields.Text), fields.Label ?? string.Empty));
        Assert.Equal(kind, inspected.Recipe.Model switch { MlpOptions => "mlp", CnnOptions => "cnn", TextClassifierOptions => "text-classifier", _ => "decoder" });
        Assert.Equal(kind == "decoder" ? TaskKind.LanguageModel : TaskKind.Classify, inspected.Recipe.Task);
        var read = RecipeReader.Parse(inspected.ToYaml());
        Assert.Equal(RecipeJson.Write(inspected.Recipe), RecipeJson.Write(read));
    }

    private static string Generate(string name) => name switch
    {
        "label-first.tsv" => Rows(300, i => $"{(i % 4 == 0 ? "spam" : "ham")}\t{Sentence(i)}"),
        "label-middle.csv" => "width,kind_of_leaf,length\n" + Rows(150, i => $"{1 + (i * 0.013):0.000},{(i % 3 == 0 ? "oak" : "fir")},{2 + (i * 0.017):0.000}"),
        "id-last.csv" => Rows(300, i => $"{Sentence(i)},{i % 6},k{i * 7919 % 100_003:x5}"),
        "persons.csv" => "id,customer_id,visits,plan,churn\n" + Rows(400, i => $"{i},C{i % 90},{i % 17},{"abc"[i % 3]},{(i % 5 == 0 ? 1 : 0)}"),
        "pandas.csv" => "Unnamed: 0,review,stars\n" + Rows(200, i => $"{i},{Sentence(i)},{1 + (i % 5)}"),
        "semicolons.csv" => "body;topic\n" + Rows(200, i => $"{Sentence(i)}, {Sentence(i + 1)};{"wsb"[i % 3]}"),
        "texts.jsonl" => Rows(200, i => $$"""{"author":"a{{i % 30}}","text":"{{Sentence(i)}}"}"""),
        "instructions.jsonl" => Rows(80, i => $$"""{"instruction":"{{Sentence(i)}}","output":"{{Sentence(i + 5)}}"}"""),
        "holes.csv" => "id,text,label\n" + Rows(200, i => $"{i},{Sentence(i)},{(i % 9 == 0 ? string.Empty : i % 2 == 0 ? "yes" : "no")}"),
        "single.csv" => Rows(120, i => i % 3 == 0 ? $"{Sentence(i)}, {Sentence(i * 3)}" : Sentence(i)),
        "vectors.jsonl" => Rows(100, i => $$"""{"id":"v{{i}}","e":[{{i % 7}},{{i % 5}},0.5],"class":"{{"ab"[i % 2]}}"}"""),
        _ => "name,country\n" + Rows(150, i => $"{(char)('A' + (i % 26))}{_words[i % 12]}{(char)('a' + (i / 26))},{"PQR"[i % 3]}land"),
    };

    private static string Rows(int count, Func<int, string> row) => string.Concat(Enumerable.Range(0, count).Select(i => row(i) + "\n"));

    private static string Sentence(int i) => $"the {_words[i % 12]} and the {_words[i * 5 % 11]} of day {i} by the {_words[i * 7 % 10]}";
}
