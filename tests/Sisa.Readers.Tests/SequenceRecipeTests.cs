using Sisa.Models;
using Sisa.Readers.Recipes;
using Sisa.Training;

namespace Sisa.Readers.Tests;

/// <summary>Recipes of models that read text token by token.</summary>
public sealed class SequenceRecipeTests
{
    private const string Language = """
        corpus: { fields: { id: id, subject: author, text: text } }
        task: language-model
        model: { layers: 2, width: 32, heads: 4 }

        """;

    private const string Tuned = """
        corpus: { fields: { id: id, subject: author, text: text } }
        task: language-model
        model: { kind: adapter, base: models/smol, trainedOn: public }
        """;

    private const string Head = """
        corpus: { fields: { id: id, subject: author, text: text, label: topic } }
        labels: [world, sports]
        model: { kind: adapter, base: models/smol, trainedOn: public, rank: 0 }
        """;

    public static TheoryData<string> Recipes() =>
    [
        Language,
        Tuned,
        Head,
        Language + "aggregation: posterior-weighted\ntraining: { init: shared, microBatch: 2, batchSize: 8, precision: bfloat16 }",
        Language.Replace("heads: 4", "heads: 4, keyValueHeads: 2, hidden: 96, tieEmbeddings: false, ropeTheta: 500000, normEpsilon: 1e-6, context: 512, tokenizer: cl100k-base", StringComparison.Ordinal),
        Language.Replace("heads: 4", "heads: 4, tokenizer: files, tokenizerFiles: tok, trainedOn: public", StringComparison.Ordinal),
        Language.Replace("layers: 2, width: 32, heads: 4", "base: models/smol, trainedOn: public, context: 128", StringComparison.Ordinal) + "training: { init: shared }\naggregation: weight-average",
        Tuned.Replace("trainedOn: public", "trainedOn: public, rank: 4, alpha: 8, targets: [v_proj, q_proj], context: 64", StringComparison.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Recipes))]
    public void A_recipe_comes_back_from_what_is_written(string yaml)
    {
        var recipe = RecipeReader.Parse(yaml);

        Assert.Equal(RecipeJson.Write(recipe), RecipeJson.Write(RecipeReader.Parse(RecipeWriter.Write(recipe))));
    }

    [Fact]
    public void A_language_model_is_a_decoder_on_bytes_where_nothing_else_is_said()
    {
        var recipe = RecipeReader.Parse("corpus: { fields: { text: text } }\ntask: language-model");

        Assert.Equal(new DecoderOptions(), recipe.Model);
        Assert.Equal(new FeatureOptions().Text, recipe.Features.Text);
        Assert.Equal(TokenNumbers.OfBytes, ((DecoderOptions)recipe.Model).Tokens);
    }

    [Fact]
    public void Targets_come_in_the_order_of_the_model() => Assert.Equal(
        [AdapterTarget.Query, AdapterTarget.Value, AdapterTarget.Down],
        ((AdapterOptions)RecipeReader.Parse(Tuned, ["model.targets=[down_proj, v_proj, q_proj]"]).Model).Targets);

    [Theory]
    [InlineData("labels=[a, b]", "labels: is only for the task classify")]
    [InlineData("corpus.fields.label=topic", "corpus.fields.label: is only for the task classify")]
    [InlineData("corpus.fields.text=", "corpus.fields.text: is missing; the model needs the name of the field that holds the text")]
    [InlineData("features={text: {}}", "features: is not for a model that reads text token by token")]
    [InlineData("task=classify", "task: found classify with a decoder", "labels=[a, b]", "corpus.fields.label=topic", "model.kind=decoder")]
    [InlineData("model.trainedOn=public", "model.trainedOn: is only for a base or the files of a tokenizer")]
    [InlineData("model.trainedOn=private", "allowed: public")]
    [InlineData("model.heads=3", "model.heads: found 3 heads and width 32; heads must divide the width into even parts")]
    [InlineData("model.heads=32", "model.heads: found 32 heads and width 32")]
    [InlineData("model.keyValueHeads=3", "model.keyValueHeads: found 3 with 4 heads; they must divide the heads")]
    [InlineData("model.tokenizer=files", "model.tokenizerFiles: is missing; 'tokenizer: files' needs their folder")]
    [InlineData("model.tokenizer=files", "model.trainedOn: is missing; declare 'trainedOn: public'")]
    [InlineData("model.tokenizer=words", "allowed: bytes, cl100k-base, o200k-base, files")]
    [InlineData("model.tokenizerFiles=tok", "model.tokenizerFiles: is only for 'tokenizer: files' without a base")]
    [InlineData("model.tokenizerFiles=../tok", "allowed: a path below the recipe's or the data's folder", "model.tokenizer=files", "model.trainedOn=public")]
    [InlineData("model.base=models/smol", "model.base: gives the sizes and the tokenizer; only context and trainedOn may be declared", "model.trainedOn=public", "training.init=shared")]
    [InlineData("model.base=models/smol", "model.trainedOn: is missing")]
    [InlineData("model.base=models/smol", "training.init: found per-shard with a base")]
    [InlineData("model.base=/models/smol", "model.base: found '/models/smol'; allowed: a path below")]
    [InlineData("model.rank=4", "model.rank (as set): belongs to the kind adapter; this recipe has the kind decoder")]
    [InlineData("model.context=1", "allowed: a whole number from 2 to 131072")]
    [InlineData("model.layers=0", "allowed: a whole number from 1 to 512")]
    [InlineData("model.ropeTheta=0", "a number from 1 to")]
    [InlineData("model.normEpsilon=0", "a number above 0 to 1")]
    [InlineData("model.layers=512", "model: has", "model.width=8192")]
    [InlineData("training.microBatch=65", "training.microBatch: found 65, more than the 64 windows of a step")]
    [InlineData("training.precision=bfloat16", "training.precision: found bfloat16 with numerics: portable", "numerics=portable")]
    [InlineData("aggregation=majority-vote", "aggregation: found majority-vote; allowed for language models: mean-probability, log-mean, posterior-weighted, weight-average")]
    [InlineData("aggregation=weight-average", "aggregation: found weight-average with training.init per-shard")]
    [InlineData("training.batchSize=1000000", "training.batchSize: found 1000000 items with up to 131072 tokens each", "model.context=131072")]
    public void Each_fault_of_a_decoder_names_its_key_and_what_is_allowed(string change, string message, params string[] others) =>
        Has(message, Language, [change, .. others]);

    [Theory]
    [InlineData("model.base=", "model.base: is missing; an adapter needs the folder of a base")]
    [InlineData("model.base=..", "model.base: found '..'; allowed: a path below")]
    [InlineData("model.trainedOn=", "model.trainedOn: is missing")]
    [InlineData("model.rank=0", "model.rank: found 0; without updates a language model would learn nothing")]
    [InlineData("model.targets=[]", "model.targets: is empty")]
    [InlineData("model.targets=[q_proj, q_proj]", "'q_proj' is declared twice")]
    [InlineData("model.targets=[lm_head]", "allowed: a list of q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj, each once")]
    [InlineData("model.alpha=0", "a number above 0")]
    [InlineData("model.layers=2", "belongs to the kind text-classifier or decoder; this recipe has the kind adapter")]
    public void Each_fault_of_an_adapter_names_its_key_and_what_is_allowed(string change, string message) => Has(message, Tuned, change);

    [Theory]
    [InlineData("training.microBatch=8", "training.microBatch: is only for models that read text token by token")]
    [InlineData("training.precision=bfloat16", "training.precision: is only for models that read text token by token")]
    [InlineData("aggregation=posterior-weighted", "aggregation: found a rule for language models; allowed here: majority-vote, mean-probability, log-mean")]
    [InlineData("aggregation=weight-average", "aggregation: found a rule for language models")]
    public void What_is_for_models_of_tokens_is_refused_for_others(string change, string message) =>
        Has(message, "corpus: { fields: { text: text, label: topic } }\nlabels: [a, b]", change);

    [Fact]
    public void A_head_on_a_base_needs_labels() => Has("labels: found 0", Head, "labels=");

    [Theory]
    [InlineData("{ kind: adapter, trainedOn: public }", true, false)]
    [InlineData("{ kind: adapter, base: elsewhere, trainedOn: public }", true, false)]
    [InlineData("{ kind: decoder, trainedOn: public }", true, false)]
    [InlineData("{ kind: decoder, trainedOn: public, tokenizer: files }", false, true)]
    public void A_base_that_is_given_apart_need_not_be_named(string model, bool hasBase, bool hasTokenizer)
    {
        var recipe = RecipeReader.Parse($"corpus: {{ fields: {{ text: text }} }}\ntask: language-model\ntraining: {{ init: shared }}\nmodel: {model}", isBaseGiven: true);

        Assert.Equal(hasBase ? BaseFiles.FolderName : null, ((SequenceModelOptions)recipe.Model).Base);
        Assert.Equal(hasTokenizer ? BaseFiles.FolderName : null, (recipe.Model as DecoderOptions)?.TokenizerFiles);
    }

    [Fact]
    public void A_base_that_is_given_to_another_model_is_a_fault() => Assert.Contains(
        "model.kind: found text-classifier with a base; allowed with a base: decoder, adapter",
        Assert.Throws<RecipeException>(() => RecipeReader.Parse("corpus: { fields: { text: text, label: topic } }\nlabels: [a, b]", isBaseGiven: true)).Message,
        StringComparison.Ordinal);

    private static void Has(string message, string yaml, params string[] changes) =>
        Assert.Contains(Assert.Throws<RecipeException>(() => RecipeReader.Parse(yaml, changes)).Faults, fault => fault.Contains(message, StringComparison.Ordinal));
}
