using System.Text;
using System.Text.Json.Nodes;
using Sisa.Models;
using Sisa.Readers.OpenWeights;
using Sisa.TestKit;
using Sisa.Training;
using Tokenizer = Sisa.Readers.Tokenizers.Tokenizer;

namespace Sisa.Readers.Tests;

/// <summary>Every key of a tokenizer's files is used, known to change nothing, or refused by name.</summary>
public sealed class ForeignTokenizerTests : IDisposable
{
    private static readonly int Added = SmallBase.Vocabulary.Count;

    private readonly TemporaryFolder _folder = new();
    private int _folders;

    public static TheoryData<string, string, string, string> Refused() => new()
    {
        { "tokenizer.json", "model.ignore_merges", "true", "model.ignore_merges is true; allowed: false" },
        { "tokenizer.json", "model.dropout", "0.1", "model.dropout is 0.1; allowed: 0" },
        { "tokenizer.json", "model.continuing_subword_prefix", "\"##\"", "model.continuing_subword_prefix is \"##\"" },
        { "tokenizer.json", "model.end_of_word_suffix", "\"@\"", "model.end_of_word_suffix is \"@\"; allowed: \"\"" },
        { "tokenizer.json", "model.type", "\"Unigram\"", "model.type is 'Unigram'; allowed: BPE" },
        { "tokenizer.json", "model.of_its_own", "1", "model.of_its_own is 1; allowed: no key that Sisa does not know" },
        { "tokenizer.json", "of_its_own", "1", "of_its_own is 1; allowed: no key that Sisa does not know" },
        { "tokenizer.json", "model.vocab.a", "5", "model.vocab.a is 5" },
        { "tokenizer.json", "model.vocab.added", "1000", "allowed: a token of vocab.json" },
        { "tokenizer.json", "model.vocab.a", "REMOVE", "model.vocab is without 'a'; allowed: every token of vocab.json" },
        { "tokenizer.json", "model.merges", "[\"Ġ t\",\"Ġt he\"]", "model.merges[1] is 'Ġt he'; allowed: 'h e', as merges.txt says" },
        { "tokenizer.json", "model.merges", "[\"Ġ t\"]", "model.merges[1] is missing" },
        { "tokenizer.json", "normalizer", """{"type":"Lowercase"}""", "normalizer.type is 'Lowercase'; allowed: none, or NFC" },
        { "tokenizer.json", "normalizer", """{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Strip","strip_left":true}]}""", "normalizer.normalizers[1].type is 'Strip'" },
        { "tokenizer.json", "normalizer", """{"normalizers":[]}""", "normalizer.type is missing" },
        { "tokenizer.json", "decoder", """{"type":"WordPiece","prefix":"##"}""", "decoder.type is 'WordPiece'; allowed: ByteLevel" },
        { "tokenizer.json", "post_processor", """{"type":"RobertaProcessing","sep":["a",1],"cls":["b",2]}""", "post_processor.type is 'RobertaProcessing'" },
        { "tokenizer.json", "post_processor", """{"type":"TemplateProcessing","special_tokens":{"[CLS]":{"id":"[CLS]","ids":[3]}}}""", "post_processor.type is 'TemplateProcessing'; allowed: none, ByteLevel, or TemplateProcessing with the marks of the model only" },
        { "tokenizer.json", "pre_tokenizer.of_its_own", "1", "pre_tokenizer.of_its_own is 1" },
        { "tokenizer.json", "pre_tokenizer.add_prefix_space", "true", "with add_prefix_space" },
        { "tokenizer.json", "added_tokens[1].lstrip", "true", "added_tokens[1].lstrip is true for '<think>'; allowed: false" },
        { "tokenizer.json", "added_tokens[1].single_word", "true", "added_tokens[1].single_word is true" },
        { "tokenizer.json", "added_tokens[1].of_its_own", "true", "added_tokens[1].of_its_own is true" },
        { "tokenizer.json", "added_tokens[1].content", "\"<|endoftext|>\"", "as another file of the folder says" },
        { "tokenizer.json", "added_tokens[1].id", $"{SmallBase.Mark}", "allowed: a number of its own" },
        { "tokenizer.json", "added_tokens[1].id", "36", "adds '<think>' as the token 36; vocab.json has '$' as 36" },
        { "tokenizer.json", "added_tokens[1].content", "\"a\"", "adds 'a' as the token" },
        { "tokenizer.json", "added_tokens[1].content", "\"\"", "added_tokens[1].content is missing" },
        { "tokenizer_config.json", "added_tokens_decoder", """{"5":{"content":"<think>","special":false}}""", "allowed: '<think>' with the number" },
        { "tokenizer_config.json", "added_tokens_decoder", """{"900":{"content":"<x>","special":false,"rstrip":true}}""", "added_tokens_decoder.900.rstrip is true for '<x>'" },
        { "tokenizer_config.json", "added_tokens_decoder", """{"900":{"content":"<x>","special":false}}""", "adds the token 900 for the text '<x>'; the weights beside it have" },
        { "tokenizer_config.json", "of_its_own", "1", "of_its_own is 1" },
        { "tokenizer_config.json", "do_lower_case", "true", "do_lower_case is true; allowed: false" },
        { "tokenizer_config.json", "add_prefix_space", "true", "add_prefix_space is true; allowed: false" },
        { "tokenizer_config.json", "sp_model_kwargs", """{"enable_sampling":true}""", "sp_model_kwargs is an object; allowed: {}" },
        { "tokenizer_config.json", "tokenizer_class", "\"BertTokenizer\"", "tokenizer_class is 'BertTokenizer'; allowed: GPT2Tokenizer" },
        { "special_tokens_map.json", "eos_token", "\"a\"", "eos_token is 'a'; allowed: '<|endoftext|>', as tokenizer_config.json says" },
        { "special_tokens_map.json", "bos_token", """{"content":"a"}""", "bos_token is 'a'" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_would_change_the_tokens_is_refused_by_its_key(string file, string key, string value, string message)
    {
        var folder = Write();
        Change(Path.Combine(folder, file), key, value);

        Assert.Contains(message, Assert.Throws<OpenWeightsException>(() => OpenWeightsFolder.Inspect(folder, wantsWeights: true, context: 64)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenizer.json", "truncation", """{"max_length":512}""")]
    [InlineData("tokenizer.json", "padding", """{"strategy":"BatchLongest"}""")]
    [InlineData("tokenizer.json", "normalizer", """{"type":"Sequence","normalizers":[{"type":"NFC"}]}""")]
    [InlineData("tokenizer.json", "model.dropout", "0.0")]
    [InlineData("tokenizer.json", "model.unk_token", "\"<|endoftext|>\"")]
    [InlineData("tokenizer.json", "model.ignore_merges", "false")]
    [InlineData("tokenizer.json", "model.continuing_subword_prefix", "\"\"")]
    [InlineData("tokenizer.json", "added_tokens[0].lstrip", "true")]
    [InlineData("tokenizer_config.json", "chat_template", "\"{{ x }}\"")]
    [InlineData("tokenizer_config.json", "add_bos_token", "false")]
    [InlineData("tokenizer_config.json", "clean_up_tokenization_spaces", "true")]
    [InlineData("special_tokens_map.json", "pad_token", "\"a\"")]
    [InlineData("special_tokens_map.json", "eos_token", "\"<|endoftext|>\"")]
    [InlineData("generation_config.json", "eos_token_id", "[3,4]")]
    public void What_changes_no_tokens_is_left_alone(string file, string key, string value)
    {
        var folder = Write();
        var before = Tokens(folder, "the <think> the");
        Change(Path.Combine(folder, file), key, value);

        Assert.Equal(before, Tokens(folder, "the <think> the"));
    }

    [Fact]
    public void An_added_token_that_is_no_mark_is_text_wherever_its_characters_are()
    {
        var folder = Write();
        Change(Path.Combine(folder, "tokenizer.json"), "added_tokens", $$"""
            [{"id":{{SmallBase.Mark}},"content":"<|endoftext|>","special":true},{"id":{{Added}},"content":"<think>","special":false,"normalized":false},
             {"id":{{Added + 1}},"content":"k> the","special":false,"normalized":true},{"id":{{Added + 2}},"content":"   ","special":false,"normalized":true},{"id":{{Added + 3}},"content":"<think> th","special":false,"normalized":false}]
            """);
        var vocabulary = SmallBase.Vocabulary;

        // Those that are not normalized come first, and of those that begin together the longest.
        Assert.Equal([vocabulary["a"], Added, vocabulary["a"]], Tokens(folder, "a<think>a"));
        Assert.Equal([Added + 3, vocabulary["e"]], Tokens(folder, "<think> the"));
        Assert.Equal([vocabulary["a"], Added + 1], Tokens(folder, "ak> the"));
        Assert.Equal([Added + 2, vocabulary["Ġ"], vocabulary["a"]], Tokens(folder, "    a"));
        Assert.DoesNotContain(SmallBase.Mark, Tokens(folder, "<|endoftext|>"));
    }

    [Fact]
    public void A_store_that_was_made_before_added_tokens_counted_keeps_its_numbers()
    {
        var folder = Write();
        var recipe = OpenWeightsFolder.Resolve(Recipe(), folder);
        var model = (DecoderOptions)recipe.Model;
        var files = model.Files!;
        Assert.Equal(Added + 1, files.Tokens.Vocabulary);
        var recorded = files with { Tokens = files.Tokens with { Vocabulary = Added } };

        var tokenizer = Tokenizer.Create(recipe with { Model = model with { Files = recorded } });
        List<int> tokens = [];
        tokenizer.Encode("a<think>"u8, tokens);

        Assert.All(tokens, token => Assert.InRange(token, 0, Added - 1));
        Assert.Equal(recorded.Tokens, ((DecoderOptions)OpenWeightsFolder.Reopen(Recipe(), folder, recorded).Model).Files!.Tokens);
    }

    [Fact]
    public void A_folder_that_came_in_before_it_would_be_refused_can_still_be_opened()
    {
        var folder = Write();
        Change(Path.Combine(folder, "tokenizer.json"), "of_its_own", "1");
        Change(Path.Combine(folder, "tokenizer_config.json"), "of_its_own", "1");

        Assert.Throws<OpenWeightsException>(() => OpenWeightsFolder.Resolve(Recipe(), folder));
        var opened = OpenWeightsFolder.Reopen(Recipe(), folder);
        OpenWeightsFolder.Check(opened);
        List<int> tokens = [];
        Tokenizer.Create(opened).Encode(" the"u8, tokens);
        Assert.Equal([SmallBase.Vocabulary["Ġthe"]], tokens);
    }

    [Fact]
    public void Two_tokenizers_in_one_folder_are_refused()
    {
        var folder = Write();
        SentencePieceFile.Write(Path.Combine(folder, "tokenizer.model"));

        Assert.Contains("holds two tokenizers", Assert.Throws<OpenWeightsException>(() => OpenWeightsFolder.Inspect(folder, wantsWeights: true, context: 64)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0x12, 3, 0x98, 0x06, 1 }, "the field 99 in trainer_spec")]
    [InlineData(new byte[] { 0x1A, 3, 0x98, 0x06, 1 }, "the field 99 in normalizer_spec")]
    [InlineData(new byte[] { 0x1A, 3, 0x32, 1, (byte)'x' }, "normalizer_spec has normalization_rule_tsv")]
    [InlineData(new byte[] { 0x2A, 3, 0x12, 1, (byte)'x' }, "denormalizer_spec has precompiled_charsmap")]
    [InlineData(new byte[] { 0x0A, 5, 0x0A, 1, (byte)'Q', 0x48, 1 }, "the field 9 in a piece")]
    [InlineData(new byte[] { 0xC0, 0x0C, 1 }, "the field 200")]
    [InlineData(new byte[] { 0x28, 1 }, "the field 5")]
    [InlineData(new byte[] { 0x2A, 2, 0x12, 9 }, "is not a ")]
    [InlineData(new byte[] { 0x12, 3, 0xC0, 0x01, 1 }, "changes texts")]
    [InlineData(new byte[] { 0x1A, 2, 0x20, 1 }, "changes texts")]
    [InlineData(new byte[] { 0x1A, 2, 0x28, 0 }, "changes texts")]
    public void A_field_of_a_sentence_piece_model_that_would_change_texts_or_is_not_known_is_refused(byte[] more, string message)
    {
        var folder = WriteSentencePiece(more);

        Assert.Contains(message, Assert.Throws<OpenWeightsException>(() => OpenWeightsFolder.Inspect(folder, wantsWeights: false, context: 64)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_of_how_a_sentence_piece_model_was_trained_changes_nothing()
    {
        // Denormalizer without a map, self-test data, vocabulary size, rules without content, splitting of digits.
        var folder = WriteSentencePiece([0x2A, 0, 0x22, 0, 0x12, 2, 0x20, 9, 0x1A, 2, 0x32, 0, 0x12, 3, 0xC8, 0x01, 1]);

        Assert.Equal(Tokens(WriteSentencePiece([]), "the dom 123"), Tokens(folder, "the dom 123"));
    }

    [Fact]
    public void A_token_that_is_added_with_the_number_of_a_piece_is_refused()
    {
        var folder = WriteSentencePiece([]);
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{"added_tokens_decoder":{"3":{"content":"zz","special":false}}}""");

        Assert.Contains("adds 'zz' as the token 3; tokenizer.model has '<0x00>' as 3", Assert.Throws<OpenWeightsException>(() => OpenWeightsFolder.Inspect(folder, wantsWeights: false, context: 64)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_symbol_that_the_user_of_sentence_piece_defined_is_never_cut()
    {
        // "t▁a" and "<x>", of kind 4, behind the pieces of the file.
        byte[] first = [0x0A, 9, 0x0A, 5, (byte)'t', 0xE2, 0x96, 0x81, (byte)'a', 0x18, 4];
        byte[] second = [0x0A, 7, 0x0A, 3, (byte)'<', (byte)'x', (byte)'>', 0x18, 4];
        var folder = WriteSentencePiece([.. first, .. second]);
        var number = 3 + 256 + SentencePieceFile.Texts.Count;

        Assert.Equal([number + 1, number, number + 1], Tokens(folder, "<x>t a<x>"));
        var tokenizer = Tokenizer.Create(OpenWeightsFolder.Resolve(Recipe(), folder));
        Assert.Equal("t a", Encoding.UTF8.GetString(tokenizer.Bytes(number).Span));
    }

    [Theory]
    [InlineData("model.byte_fallback", "false", "model.byte_fallback is false")]
    [InlineData("model.vocab.he", "0", "each once")]
    [InlineData("model.vocab.more", "5000", "model.vocab.more is 5000; allowed: below")]
    [InlineData("model.type", "\"Unigram\"", "allowed: BPE, which tokenizer.model is")]
    [InlineData("normalizer", """{"type":"NFKC"}""", "normalizer.type is 'NFKC'")]
    [InlineData("normalizer", """{"type":"Replace","pattern":{"String":"a"},"content":"b"}""", "normalizer.type is 'Replace'")]
    [InlineData("pre_tokenizer", """{"type":"Metaspace","replacement":"▁"}""", "allowed: none, or Metaspace with split: false")]
    [InlineData("of_its_own", "1", "of_its_own is 1")]
    public void Tokenizer_json_beside_a_sentence_piece_model_says_the_same_or_is_refused(string key, string value, string message)
    {
        var folder = WriteSentencePiece([]);
        var vocabulary = new JsonObject { ["<unk>"] = 0, ["<s>"] = 1, ["</s>"] = 2, ["he"] = 3 + 256 + 1 };
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), new JsonObject
        {
            ["version"] = "1.0",
            ["normalizer"] = JsonNode.Parse("""{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}"""),
            ["pre_tokenizer"] = null,
            ["decoder"] = JsonNode.Parse("""{"type":"Sequence","decoders":[{"type":"Replace"},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip"}]}"""),
            ["post_processor"] = JsonNode.Parse("""{"type":"TemplateProcessing","special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]}}}"""),
            ["model"] = new JsonObject { ["type"] = "BPE", ["unk_token"] = "<unk>", ["fuse_unk"] = true, ["byte_fallback"] = true, ["vocab"] = vocabulary },
        }.ToJsonString());
        OpenWeightsFolder.Inspect(folder, wantsWeights: false, context: 64);

        Change(Path.Combine(folder, "tokenizer.json"), key, value);

        Assert.Contains(message, Assert.Throws<OpenWeightsException>(() => OpenWeightsFolder.Inspect(folder, wantsWeights: false, context: 64)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_key_that_is_left_alone_is_in_the_page_about_open_weights()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Sisa.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests lie outside the repository.");
        }

        var page = File.ReadAllText(Path.Combine(folder.FullName, "docs", "open-weights.md"));
        KnownKeys[] all = [ModelConfigKeys.Config, ModelConfigKeys.Rope, ForeignTokenizer.Settings, TokenizerJsonKeys.File, TokenizerJsonKeys.Model];

        Assert.Empty(all.SelectMany(keys => keys.Harmless.Concat(keys.Neutral.Keys)).Where(key => !page.Contains($"`{key}`", StringComparison.Ordinal)).Distinct());
    }

    private static Recipe Recipe() => new()
    {
        Task = TaskKind.LanguageModel,
        Corpus = new CorpusOptions { Fields = new FieldOptions { Text = ["text"] } },
        Model = new DecoderOptions { Tokenizer = TokenizerKind.Files, TokenizerFiles = "tokenizer", TrainedOn = DataOrigin.Public, Context = 64 },
    };

    private static int[] Tokens(string folder, string text)
    {
        var tokenizer = Tokenizer.Create(OpenWeightsFolder.Resolve(Recipe(), folder));
        List<int> tokens = [];
        tokenizer.Encode(Encoding.UTF8.GetBytes(text), tokens);
        Assert.Equal(text, Encoding.UTF8.GetString([.. tokens.SelectMany(token => tokenizer.Bytes(token).ToArray())]));
        return [.. tokens];
    }

    // Sets, or with REMOVE removes, what a key with dots and indexes names; a file that is missing is made.
    private static void Change(string path, string key, string value)
    {
        var root = File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path))! : new JsonObject();
        var parts = key.Replace("[", ".[", StringComparison.Ordinal).Split('.');
        var at = root;
        foreach (var part in parts[..^1])
        {
            at = part[0] == '[' ? at[int.Parse(part[1..^1])]! : at[part]!;
        }

        var last = at.AsObject();
        last.Remove(parts[^1]);
        if (value != "REMOVE")
        {
            last[parts[^1]] = JsonNode.Parse(value);
        }

        File.WriteAllText(path, root.ToJsonString());
    }

    private string WriteSentencePiece(byte[] more)
    {
        var folder = Directory.CreateDirectory(_folder.PathOf($"piece-{_folders++}")).FullName;
        var path = Path.Combine(folder, "tokenizer.model");
        SentencePieceFile.Write(path);
        File.WriteAllBytes(path, [.. File.ReadAllBytes(path), .. more]);
        return folder;
    }

    // As the package transformers writes a tokenizer: one vocabulary in two forms, and a token of text beside the mark.
    private string Write()
    {
        var folder = SmallBase.Write(_folder.PathOf("base"));
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = JsonNode.Parse($$"""
                [{"id":{{SmallBase.Mark}},"content":"<|endoftext|>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
                 {"id":{{Added}},"content":"<think>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":false}]
                """),
            ["normalizer"] = null,
            ["pre_tokenizer"] = JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}"""),
            ["post_processor"] = JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false,"use_regex":true}"""),
            ["decoder"] = JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["vocab"] = new JsonObject(SmallBase.Vocabulary.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))),
                ["merges"] = new JsonArray([.. SmallBase.Merges.Select((merge, i) => i % 2 == 0 ? (JsonNode)merge : new JsonArray(merge.Split(' ')[0], merge.Split(' ')[1]))]),
            },
        }.ToJsonString());
        return folder;
    }
}
