using System.Text;
using System.Text.Json;
using Microsoft.ML.Tokenizers;
using Sisa.Models;
using Sisa.Readers.OpenWeights;
using Sisa.TestKit;
using Sisa.Training;
using Tokenizer = Sisa.Readers.Tokenizers.Tokenizer;

namespace Sisa.Readers.Tests;

public sealed class TokenizerTests : IDisposable
{
    private static readonly string[] Texts =
    [
        string.Empty, " ", "a", "The thing, the other thing.", "naïve café – «où»?", "Дом и ещё дом", "Ελληνικά", "हिन्दी में लिखा", "漢字とかな", "العربية", "עברית", "ไทย", "한국어", "ქართული", "አማርኛ",
        "😀 👨\u200D👩\u200D👧 🏳️\u200D🌈", "𐍈𐌰 𝒳", "\0\u0001\u007F", "line\r\n\tline\n\n  x  ", "12345 ٣٤ ߷ Ⅷ", "it's WE'LL I'd", "\uFEFFmark", "e\u0301 ﬁ Å", "▁ a▁b ▁▁", new string('a', 2_000),
        "<|endoftext|> <|endofprompt|><|fim_prefix|>", "</s> <s>x</s><unk> <0x41>", "\uFFFD \u2028\u00A0", " the the  the123 the",
    ];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> All() => ["bytes", "cl100k-base", "o200k-base", "byte-level", "qwen2", "digits", "sentence-piece", "byte-folder"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public void The_bytes_of_the_tokens_are_those_of_the_text(string kind)
    {
        var tokenizer = Make(kind);
        foreach (var text in Texts)
        {
            Assert.Equal(text, Joined(tokenizer, Encode(tokenizer, text)));
        }

        Assert.Empty(tokenizer.MissingBytes);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void What_looks_like_a_mark_in_a_text_is_text(string kind)
    {
        var tokenizer = Make(kind);
        foreach (var text in Texts)
        {
            Assert.All(Encode(tokenizer, text), token => Assert.True(tokenizer.Bytes(token).Length > 0 && token != tokenizer.Numbers.End && token != tokenizer.Numbers.Begin));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_number_has_bytes_or_none_and_marks_have_none(string kind)
    {
        var tokenizer = Make(kind);
        for (var token = 0; token < tokenizer.Numbers.Vocabulary; token++)
        {
            _ = tokenizer.Bytes(token);
        }

        Assert.Equal(0, tokenizer.Bytes(tokenizer.Numbers.End).Length);
        Assert.Equal(0, tokenizer.Bytes(tokenizer.Numbers.Begin ?? tokenizer.Numbers.End).Length);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_row_without_any_word_boundary_takes_no_more_time_than_its_length(string kind)
    {
        var tokenizer = Make(kind);
        foreach (var unit in new[] { " ", "a", "\U0001F600", "</s>" })
        {
            // Merged as one piece, the time grows with the square of this.
            var text = string.Concat(Enumerable.Repeat(unit, 300_000 / unit.Length));
            var watch = System.Diagnostics.Stopwatch.StartNew();
            var tokens = Encode(tokenizer, text);

            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{unit}: {watch.Elapsed}");
            Assert.Equal(text, Joined(tokenizer, tokens));
        }
    }

    [Theory]
    [InlineData("cl100k-base", "cl100k_base")]
    [InlineData("o200k-base", "o200k_base")]
    public void Texts_without_marks_are_cut_as_by_the_librarys_own_encodings(string kind, string name)
    {
        var (mine, theirs) = (Make(kind), TiktokenTokenizer.CreateForEncoding(name));
        foreach (var text in Texts.Where(text => !text.Contains("<|", StringComparison.Ordinal)))
        {
            Assert.Equal(theirs.EncodeToIds(text), Encode(mine, text));
        }

        Assert.Equal(theirs.SpecialTokens!["<|endoftext|>"], mine.Numbers.End);
    }

    [Fact]
    public void Pairs_are_merged_by_their_list() => Assert.Equal(["t", "he", " the", "123", "\u00E9"], Pieces(Make("byte-level"), "the the123\u00E9"));

    [Theory]
    [InlineData("byte-level", "a| | |123")]
    [InlineData("digits", "a|  |1|2|3")]
    [InlineData("qwen2", "a| | |1|2|3")]
    public void Digits_are_set_apart_where_the_tokenizer_says_so(string kind, string pieces) => Assert.Equal(pieces, string.Join('|', Pieces(Make(kind), "a  123")));

    [Fact]
    public void Documents_have_their_marks_and_a_base_may_have_none_before_them()
    {
        var llama = Make("byte-level");
        List<int> tokens = [];
        llama.EncodeDocument("a"u8, tokens);
        Assert.Equal([SmallBase.Mark, SmallBase.Vocabulary["a"], SmallBase.Mark], tokens);

        tokens.Clear();
        Make("qwen2").EncodeDocument("a"u8, tokens);
        Assert.Equal([SmallBase.Vocabulary["a"], SmallBase.Mark], tokens);
    }

    [Fact]
    public void Characters_with_a_byte_that_the_vocabulary_lacks_have_no_tokens_and_it_says_so()
    {
        // 0xF0 begins every character beyond the basic plane; some published vocabularies lack such bytes.
        var tokenizer = Open(SmallBase.WriteByteLevel(_folder.PathOf("lossy"), "ð"));

        Assert.Equal([0xF0], tokenizer.MissingBytes);
        Assert.Equal("a b", Joined(tokenizer, Encode(tokenizer, "a😀 b")));
    }

    [Fact]
    public void Merges_that_would_make_a_mark_make_none()
    {
        var folder = SmallBase.WriteByteLevel(_folder.PathOf("tricked"));
        var vocabulary = new Dictionary<string, int>(SmallBase.Vocabulary, StringComparer.Ordinal) { ["<|"] = 1_000, ["<|x"] = 1_001 };
        File.WriteAllText(Path.Combine(folder, "vocab.json"), JsonSerializer.Serialize(vocabulary));
        File.WriteAllText(Path.Combine(folder, "merges.txt"), "< |\n<| x\n");
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{"eos_token":"<|x"}""");

        Assert.Equal(["<|", "x"], Pieces(Open(folder), "<|x"));
    }

    [Fact]
    public void A_piece_of_text_that_is_named_as_a_mark_is_no_text()
    {
        var folder = _folder.PathOf("named");
        Directory.CreateDirectory(folder);
        SentencePieceFile.Write(Path.Combine(folder, "tokenizer.model"));
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{"eos_token":"▁the","bos_token":"h"}""");
        var tokenizer = Open(folder);

        var tokens = Encode(tokenizer, "the the hat");
        Assert.Equal("the the hat", Joined(tokenizer, tokens));
        Assert.DoesNotContain(tokenizer.Numbers.End, tokens);
        Assert.DoesNotContain(tokenizer.Numbers.Begin!.Value, tokens);

        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{"eos_token":"<0x41>"}""");
        Assert.Contains("the byte <0x41> as a mark", Assert.Throws<OpenWeightsException>(() => Open(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_vocabulary_than_the_recipe_records_is_refused()
    {
        var folder = SmallBase.WriteByteLevel(_folder.PathOf("exchanged"));
        var recipe = OpenWeightsFolder.Resolve(Files(), folder);
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{"eos_token":"a"}""");

        Assert.Contains("the recipe records", Assert.Throws<StoreException>(() => Tokenizer.Create(recipe)).Message, StringComparison.Ordinal);
    }

    private static Recipe Files() => new()
    {
        Task = TaskKind.LanguageModel,
        Corpus = new CorpusOptions { Fields = new FieldOptions { Text = ["text"] } },
        Model = new DecoderOptions { Tokenizer = TokenizerKind.Files, TokenizerFiles = "tokenizer", TrainedOn = DataOrigin.Public },
    };

    private static Tokenizer Open(string folder) => Tokenizer.Create(OpenWeightsFolder.Resolve(Files(), folder));

    private static List<int> Encode(Tokenizer tokenizer, string text)
    {
        List<int> tokens = [];
        tokenizer.Encode(Encoding.UTF8.GetBytes(text), tokens);
        return tokens;
    }

    private static string Joined(Tokenizer tokenizer, List<int> tokens) => new UTF8Encoding(false, true).GetString([.. tokens.SelectMany(token => tokenizer.Bytes(token).ToArray())]);

    private static string[] Pieces(Tokenizer tokenizer, string text) => [.. Encode(tokenizer, text).Select(token => Encoding.UTF8.GetString(tokenizer.Bytes(token).Span))];

    private Tokenizer Make(string kind)
    {
        var folder = _folder.PathOf(kind);
        Directory.CreateDirectory(folder);
        switch (kind)
        {
            case "bytes":
                return Tokenizer.Create(Files() with { Model = new DecoderOptions() });
            case "cl100k-base":
                return Tokenizer.Create(Files() with { Model = new DecoderOptions { Tokenizer = TokenizerKind.Cl100kBase } });
            case "o200k-base":
                return Tokenizer.Create(Files() with { Model = new DecoderOptions { Tokenizer = TokenizerKind.O200kBase } });
            case "byte-level":
                return Open(SmallBase.WriteByteLevel(folder));
            case "digits":
                File.WriteAllText(
                    Path.Combine(SmallBase.WriteByteLevel(folder), "tokenizer.json"),
                    """{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]}}""");
                return Open(folder);
            case "qwen2":
                SmallBase.WriteByteLevel(folder);
                SmallBase.WriteSettings(folder, "Qwen2Tokenizer");
                File.WriteAllText(Path.Combine(folder, "config.json"), $$"""{"model_type":"qwen2","bos_token_id":{{SmallBase.Mark}},"eos_token_id":[{{SmallBase.Mark}},3]}""");
                return Open(folder);
            case "byte-folder":
                File.WriteAllText(Path.Combine(folder, OpenWeightsFolder.ByteTokenizerFile), OpenWeightsFolder.ByteTokenizerContent);
                return Open(folder);
            default:
                SentencePieceFile.Write(Path.Combine(folder, "tokenizer.model"));
                return Open(folder);
        }
    }
}
