using Sisa.Aggregation;
using Sisa.Corpora;
using Sisa.Models;
using Sisa.Readers.Recipes;
using Sisa.Training;

namespace Sisa.Readers.Tests;

public sealed class RecipeReaderTests : IDisposable
{
    private const string News = """
        name: news
        corpus:
          format: jsonl
          fields: { id: id, subject: author, text: [title, body], label: topic }
        task: classify
        labels: [world, sports, "no", 7]
        ensemble: { shards: 5, slices: 3, assign: by-subject }
        model: { kind: text-classifier, width: 32 }
        training: { epochs: 2.5, batchSize: 16, optimizer: adamw, learningRate: 3e-4, schedule: cosine, seed: 18446744073709551615, device: "cuda:1", init: shared }
        aggregation: log-mean
        numerics: portable
        evaluation: { file: test.jsonl }
        requests: { dueDays: 10, window: 1.5 }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_recipe_is_read_with_its_defaults()
    {
        var recipe = RecipeReader.Read(_folder.Write("sisa.yaml", News));
        Assert.Equal(("news", CorpusFormat.Jsonl, "topic"), (recipe.Name, recipe.Corpus.Format, recipe.Corpus.Fields.Label));
        Assert.Equal(["title", "body"], recipe.Corpus.Fields.Text);
        Assert.Equal(["author"], recipe.Corpus.Fields.Subject);
        Assert.Equal(["world", "sports", "no", "7"], recipe.Labels);
        Assert.Equal(new TextFeature(), recipe.Features.Text);
        Assert.Equal(new TextClassifierOptions { Width = 32 }, recipe.Model);
        Assert.Equal((5, 3), (recipe.Ensemble.Shards, recipe.Ensemble.Slices));
        Assert.Equal(
            new TrainingOptions { Epochs = 2.5, BatchSize = 16, LearningRate = 3e-4, Schedule = ScheduleKind.Cosine, Seed = ulong.MaxValue, Device = "cuda:1", Init = InitKind.Shared },
            recipe.Training);
        Assert.Equal((AggregationRule.LogMean, NumericProfile.Portable, "test.jsonl", 10, 1.5), (recipe.Aggregation, recipe.Numerics, recipe.Evaluation.File, recipe.Requests.DueDays, recipe.Requests.Window));
    }

    [Fact]
    public void Features_of_tables_are_read()
    {
        var recipe = RecipeReader.Parse("""
            corpus: { fields: { id: [a, b], label: y, risk: risk, batch: month } }
            labels: [a, b]
            features:
              numbers: { age: { min: 0, max: 120, missing: 0 }, "a.b": { min: -1.5, max: 1e3 } }
              categories: { fields: [city, job], buckets: 64 }
              vector: { field: v, length: 8, min: -1, max: 1 }
            ensemble: { shards: 4, slices: 2, assign: by-batch, batches: [may, june], riskClasses: { high: [0], low: [1, 2, 3] } }
            model: { kind: mlp, hidden: [], activation: tanh }
            """);
        Assert.Equal([new NumberFeature("age", 0, 120, 0), new NumberFeature("a.b", -1.5, 1000)], recipe.Features.Numbers);
        Assert.Equal(["city", "job"], recipe.Features.Categories!.Fields);
        Assert.Equal(new VectorFeature("v", 8, -1, 1), recipe.Features.Vector);
        Assert.Equal([1, 2, 3], recipe.Ensemble.RiskClasses["low"].Shards);
        Assert.Equal(["may", "june"], recipe.Ensemble.Batches);
        Assert.Equal(Activation.Tanh, Assert.IsType<MlpOptions>(recipe.Model).Activation);
        Assert.Empty(((MlpOptions)recipe.Model).Hidden);
    }

    [Fact]
    public void Risk_classes_may_name_slices_and_are_written_as_they_were_read()
    {
        const string Yaml = """
            corpus: { fields: { text: t, label: y, risk: risk } }
            labels: [a, b]
            ensemble: { shards: 4, slices: 4, riskClasses: { high: { shards: [0], slices: [3, 4] }, low: { shards: [1, 2] }, rest: [3] } }
            """;
        var recipe = RecipeReader.Parse(Yaml);
        var classes = recipe.Ensemble.RiskClasses;

        Assert.Equal([0], classes["high"].Shards);
        Assert.Equal([3, 4], classes["high"].Slices!);
        Assert.Equal((2, (IReadOnlyList<int>?)null, (IReadOnlyList<int>?)null), (classes["low"].Shards.Count, classes["low"].Slices, classes["rest"].Slices));
        Assert.Contains("high: { shards: [0], slices: [3, 4] }", RecipeWriter.Write(recipe), StringComparison.Ordinal);
        Assert.Contains("low: [1, 2]", RecipeWriter.Write(recipe), StringComparison.Ordinal);
        Assert.Equal(RecipeJson.Write(recipe), RecipeJson.Write(RecipeReader.Parse(RecipeWriter.Write(recipe))));

        var fault = Assert.Throws<RecipeException>(() => RecipeReader.Parse(Yaml, ["ensemble.assign=by-batch", "ensemble.batches=[w, x, y, z]", "corpus.fields.batch=month"]));
        Assert.Equal(["ensemble.riskClasses.high: slices are only for assign: by-subject; by-batch takes the slice from the batch."], fault.Faults);
    }

    [Fact]
    public void Images_name_their_pair_of_files()
    {
        var recipe = RecipeReader.Parse("corpus: { format: idx, images: i, labels: l }\nlabels: [a, b]\nfeatures: { pixels: { height: 28, width: 28, mean: 0.3, deviation: 0.3 } }\nmodel: { kind: cnn, kernel: 5 }");
        Assert.Equal(("i", "l"), (recipe.Corpus.ImagesFile, recipe.Corpus.LabelsFile));
        Assert.Equal(new PixelFeature(28, 28, 1, 0.3, 0.3), recipe.Features.Pixels);
        Assert.Equal(5, Assert.IsType<CnnOptions>(recipe.Model).Kernel);
    }

    [Fact]
    public void The_printed_recipe_is_read_and_gives_the_defaults()
    {
        var recipe = RecipeReader.Parse(RecipeWriter.Print());
        Assert.Equal(new TrainingOptions(), recipe.Training);
        Assert.Equal(new Recipe().Aggregation, recipe.Aggregation);
        Assert.Equal(new Recipe().Requests, recipe.Requests);
        Assert.Equal(new Recipe().Corpus with { Fields = recipe.Corpus.Fields }, recipe.Corpus);
        Assert.Equal(new TextClassifierOptions(), recipe.Model);
        Assert.Equal(RecipeJson.Write(new Recipe()), RecipeJson.Write(recipe with { Labels = [], Corpus = new(), Features = new(), Model = new MlpOptions() }));
    }

    [Theory]
    [InlineData("training.epochs=8")]
    [InlineData("training.epochs = 8")]
    public void A_value_can_be_replaced(string change) =>
        Assert.Equal(8, RecipeReader.Read(_folder.Write("sisa.yaml", News), [change]).Training.Epochs);

    [Fact]
    public void Replaced_values_may_be_lists_and_new_groups()
    {
        var recipe = RecipeReader.Parse(News, ["labels=[x, y]", "features.text.buckets=99", "model={kind: text-classifier, heads: 8}", "corpus.fields.text=body"]);
        Assert.Equal(["x", "y"], recipe.Labels);
        Assert.Equal(99, recipe.Features.Text!.Buckets);
        Assert.Equal(8, ((TextClassifierOptions)recipe.Model).Heads);
        Assert.Equal(["body"], recipe.Corpus.Fields.Text);
    }

    [Theory]
    [InlineData("epochs", "'epochs': expected key=value")]
    [InlineData("training.epoch=3", "training.epoch (as set): unknown key. Did you mean 'epochs'?")]
    [InlineData("training.epochs=many", "training.epochs (as set): found 'many'; allowed: a number above 0")]
    [InlineData("training.epochs=[3", "training.epochs: not valid YAML")]
    [InlineData("training.epochs=!!Jk'd[", "training.epochs: not valid YAML")]
    public void A_bad_replacement_is_a_fault(string change, string message) => Has(message, News, change);

    [Fact]
    public void Every_fault_is_told_at_once()
    {
        var fault = Assert.Throws<RecipeException>(() => RecipeReader.Parse("""
            nmae: news
            corpus: { fields: { text: text, label: topic } }
            labels: [a, b, a]
            ensemble: { shards: 0, slices: many }
            model: { kind: text-classifier, width: 30, heads: 4, architecture: encoder }
            training: { learningRate: "3e-4", batch_size: 8, optimizer: adamax }
            """));
        Assert.Equal(
            [
                "labels (line 3): 'a' is declared twice; each may occur once.",
                "ensemble.shards (line 4): found '0'; allowed: a whole number from 1 to 10000.",
                "ensemble.slices (line 4): found 'many'; allowed: a whole number from 1 to 1000.",
                "training.optimizer (line 6): found 'adamax'; allowed: sgd, adam, adamw. Did you mean 'adam'?",
                "training.learningRate (line 6): found the text '3e-4'; allowed: a number above 0 to 1000.",
                "nmae (line 1): unknown key. Did you mean 'name'?",
                "training.batch_size (line 6): unknown key. Did you mean 'batchSize'?",
                "model.heads: found 4 heads and width 30; heads must divide the width.",
            ],
            fault.Faults);
        Assert.Equal(FaultKind.Recipe, fault.Kind);
        Assert.Contains("print-recipe", fault.Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ensemble.shards=0", "ensemble.shards")]
    [InlineData("ensemble.shards=10001", "allowed: a whole number from 1 to 10000")]
    [InlineData("ensemble.slices=0", "allowed: a whole number from 1 to 1000")]
    [InlineData("ensemble.shards=2.5", "found '2.5'")]
    [InlineData("ensemble=3", "ensemble (as set): found '3'; allowed: keys with values (shards, slices,")]
    [InlineData("ensemble.assign=by-batch", "found 0 batches and 3 slices")]
    [InlineData("ensemble.batches=[a, b, c]", "only for assign: by-batch")]
    [InlineData("ensemble.riskClasses={high: [5]}", "ensemble.riskClasses.high: found shard 5; allowed: 0 to 4")]
    [InlineData("ensemble.riskClasses={high: [1, 1]}", "lists a shard twice")]
    [InlineData("ensemble.riskClasses={high: {shards: [1], slices: [2, 9]}}", "ensemble.riskClasses.high: found slice 9; allowed: 1 to")]
    [InlineData("ensemble.riskClasses={high: {shards: [1], slices: [2, 2]}}", "lists a slice twice")]
    [InlineData("ensemble.riskClasses={high: {shards: [1], slices: [0]}}", "found '0'; allowed: a whole number from 1 to 1000")]
    [InlineData("ensemble.riskClasses={high: {shards: [1], slice: [1]}}", "unknown key; allowed: shards, slices")]
    [InlineData("ensemble.riskClasses={high: {slices: [1]}}", "shards is missing")]
    [InlineData("ensemble.riskClasses={high: [1]}", "corpus.fields.risk: is missing")]
    [InlineData("labels=[one]", "labels: found 1; a classifier needs 2 or more")]
    [InlineData("labels=[]", "labels: found 0; a classifier needs 2 or more")]
    [InlineData("labels=world", "found 'world'; allowed: a list of 2 to")]
    [InlineData("labels=[a, {b: c}]", "found keys with values")]
    [InlineData("model={kind: cnn}", "a cnn needs features.pixels")]
    [InlineData("model={kind: mlp}", "found mlp with a text feature")]
    [InlineData("model.kind=mlp", "model.width (line 8): belongs to the kind text-classifier or decoder; this recipe has the kind mlp")]
    [InlineData("model={kind: cnn, kernel: 4}", "an odd number from 1 to 31")]
    [InlineData("training.warmup=1", "a number from 0 and below 1")]
    [InlineData("training.momentum=0.9", "only for the optimizer sgd")]
    [InlineData("training.device=tpu", "allowed: cpu, cuda, or cuda:N")]
    [InlineData("training.seed=-1", "found '-1'")]
    [InlineData("corpus.delimiter=ab", "one character")]
    [InlineData("corpus.header=maybe", "true or false")]
    [InlineData("corpus.format=xml", "allowed: jsonl, csv, parquet, text, idx")]
    [InlineData("corpus.format=idx", "needs height and width")]
    [InlineData("corpus.fields.label=", "needs the name of the field that holds the label")]
    [InlineData("corpus.fields.id=[a, a]", "'a' is declared twice")]
    [InlineData("corpus.fields=id", "found 'id'; allowed: keys with values (id, subject, text, joining, label, risk, batch)")]
    [InlineData("features={numbers: {age: {min: 5, max: 5}}}", "max must be above min")]
    [InlineData("features={numbers: {age: {min: 0, max: 5, missing: 7}}}", "features.numbers.age.missing")]
    [InlineData("features={numbers: {age: {min: 0}}}", "min or max is missing")]
    [InlineData("features={numbers: {age: 3}}", "features.numbers.age (as set): found '3'")]
    [InlineData("features={numbers: {age: {min: 0, max: 9, maks: 3}}}", "features.numbers.age.maks (as set): unknown key")]
    [InlineData("features={numbers: {age: {min: low, max: 9}}}", "features.numbers.age.min (as set): found 'low'")]
    [InlineData("features={text: {}, numbers: {age: {min: 0, max: 1}}}", "found several kinds")]
    [InlineData("features={text: {words: 0}}", "words and chars are both 0")]
    [InlineData("features={categories: {buckets: 4}}", "features.categories.fields: is missing")]
    [InlineData("features={vector: {field: v}}", "features.vector.length: is missing")]
    [InlineData("requests.dueDays=0", "a whole number from 1 to 3650")]
    [InlineData("requests=[]", "found a list")]
    public void Each_fault_names_its_key_and_what_is_allowed(string change, string message) => Has(message, News, change);

    [Theory]
    [InlineData("training.epochs: 8", "training.epochs (line 14): the key 'training.epochs' has a dot in it; in a recipe, write it nested, as 'training: { epochs: … }'.")]
    [InlineData("features: { text.buckets: 9 }", "features.text.buckets (line 14): the key 'text.buckets' has a dot in it")]
    [InlineData("a.b.c: 1", "as 'a: { b: { c: … } }'")]
    public void A_key_with_dots_is_a_fault_in_the_file(string line, string message) => Has(message, News + "\n" + line);

    [Theory]
    [InlineData("model={kind: text-classifier, width: 8192}", "features.text.buckets=16777216", "model: has 137439002628 parameters; allowed: up to 500000000.")]
    [InlineData("training.batchSize=1000000", "features.text.maxTokens=1048576", "training.batchSize: found 1000000 items with up to 1048576 tokens each, 8388608000000 bytes a step")]
    [InlineData("training.batchSize=1000000", "features.text.maxTokens=269", "2152000000 bytes a step; allowed: up to 2147483647 bytes.")]
    public void Sizes_that_training_could_not_hold_are_faults(string change, string other, string message) => Has(message, News, change, other);

    [Fact]
    public void Images_need_both_sides() =>
        Has("features.pixels.width: is missing", "labels: [a, b]\nfeatures: { pixels: { height: 28 } }");

    [Theory]
    [InlineData("a: 1\na: 2", "a (line 2): the key occurs twice")]
    [InlineData("training: { epochs: 1, epochs: 2 }", "training.epochs (line 1): the key occurs twice")]
    [InlineData("labels: [a, b", "not valid YAML")]
    [InlineData("- a\n- b", "found a list; a recipe is made of keys with values")]
    [InlineData("name: &n x\nlabels: *n", "no anchors and aliases")]
    [InlineData("labels: *n", "no anchors and aliases")]
    [InlineData("name: !!python/object x", "no tags")]
    [InlineData("name: a\n---\nname: b", "a second document begins")]
    [InlineData("? [a, b]\n: c", "no keys that are lists")]
    [InlineData("name: [[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]", "nested deeper than")]
    public void What_is_not_a_recipe_is_told_by_line(string yaml, string message) => Has(message, yaml);

    [Fact]
    public void A_bomb_of_aliases_or_brackets_does_no_harm()
    {
        var bomb = "a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, 100).Select(i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]\n"));
        Has("no anchors and aliases", bomb);
        Has("nested deeper than", new string('[', 500_000));
    }

    [Fact]
    public void Files_that_are_no_recipe_are_faults()
    {
        Assert.Contains("There is no file", Assert.Throws<RecipeException>(() => RecipeReader.Read(_folder.PathOf("none.yaml"))).Message, StringComparison.Ordinal);
        Assert.Contains("is a directory", Assert.Throws<RecipeException>(() => RecipeReader.Read(_folder.PathOf("."))).Message, StringComparison.Ordinal);
        Assert.Contains("longer than", Assert.Throws<RecipeException>(() => RecipeReader.Read(_folder.Write("big.yaml", new string('#', 2_000_000)))).Message, StringComparison.Ordinal);
        Assert.Contains("not valid UTF-8", Assert.Throws<RecipeException>(() => RecipeReader.Read(_folder.Write("latin.yaml", [(byte)'a', 0xE9]))).Message, StringComparison.Ordinal);
        Has("labels: found 0", "");
    }

    private static void Has(string message, string yaml, params string[] changes)
    {
        var fault = Assert.Throws<RecipeException>(() => RecipeReader.Parse(yaml, changes));
        Assert.Contains(fault.Faults, found => found.Contains(message, StringComparison.Ordinal));
    }
}
