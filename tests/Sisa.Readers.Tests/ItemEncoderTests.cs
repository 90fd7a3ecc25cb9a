using System.Runtime.InteropServices;
using System.Text;
using Sisa.Readers.Features;
using Sisa.Training;

namespace Sisa.Readers.Tests;

public sealed class ItemEncoderTests
{
    [Fact]
    public void Case_and_punctuation_do_not_matter_and_order_does()
    {
        Assert.Equal(Tokens("Hello, World!"), Tokens("hello world"));
        Assert.Equal(Tokens("ÉCOLE ÄÖ"), Tokens("école äö"));
        Assert.NotEqual(Tokens("world hello"), Tokens("hello world"));
        Assert.Equal(Tokens("world hello", words: 1).Order(), Tokens("hello world", words: 1).Order());
    }

    [Fact]
    public void Word_ngrams_come_in_order_of_appearance_and_are_cut_at_the_limit()
    {
        var (a, b, c) = (Tokens("a", words: 1)[0], Tokens("b", words: 1)[0], Tokens("c", words: 1)[0]);
        var tokens = Tokens("a b c", words: 2);
        Assert.Equal([a, b, tokens[2], c, tokens[4]], tokens);
        Assert.Equal(Tokens("a b")[2], tokens[2]);
        Assert.Equal(tokens[..4], Tokens("a b c", words: 2, maxTokens: 4));
        Assert.Equal(6, Tokens("a b c", words: 3).Length);
    }

    [Fact]
    public void Character_ngrams_lie_within_words_and_know_their_ends()
    {
        Assert.Equal(4, Tokens("cats", words: 0, chars: 3).Length);
        Assert.Equal(Tokens("cats dogs", words: 0, chars: 3), Tokens("cats", words: 0, chars: 3).Concat(Tokens("dogs", words: 0, chars: 3)));
        Assert.Single(Tokens("cats", words: 0, chars: 3).Intersect(Tokens("catch", words: 0, chars: 3)).Except(Tokens("cat", words: 0, chars: 3)[..1]));
        Assert.Single(Tokens("a", words: 0, chars: 9));
    }

    [Theory]
    [InlineData("私は学生です", 6)]
    [InlineData("我爱北京", 4)]
    [InlineData("สวัสดี", 4)]
    [InlineData("ຂ້ອຍ", 3)]
    [InlineData("𠀀𠀁", 2)]
    [InlineData("カタカナ", 4)]
    public void Scripts_without_spaces_give_a_token_a_character(string text, int words) =>
        Assert.Equal(words, Tokens(text, words: 1).Length);

    [Theory]
    [InlineData("Россия и мир", 3)]
    [InlineData("हिन्दी भाषा", 2)]
    [InlineData("안녕하세요 세계", 2)]
    [InlineData("مرحبا بالعالم", 2)]
    [InlineData("don't 3.5 x_y", 6)]
    [InlineData("go 🚀🚀 now", 4)]
    [InlineData("e\u0301te\u0301", 1)]
    [InlineData("mixed日本word", 4)]
    public void Words_are_runs_of_letters_digits_and_marks(string text, int words) =>
        Assert.Equal(words, Tokens(text, words: 1).Length);

    [Fact]
    public void Neighbouring_characters_tell_texts_of_unspaced_scripts_apart()
    {
        var (one, other) = (Tokens("北京大学"), Tokens("大学北京"));
        Assert.Equal(7, one.Length);
        Assert.NotEmpty(one.Except(other));
        Assert.NotEmpty(one.Intersect(other));
    }

    [Theory]
    [InlineData("")]
    [InlineData("...!?")]
    [InlineData(" \n\t")]
    public void A_text_without_tokens_has_the_one_token_of_the_empty_word(string text) =>
        Assert.Equal(Assert.Single(Tokens("")), Assert.Single(Tokens(text)));

    [Fact]
    public void Tokens_stay_below_the_buckets()
    {
        var tokens = Tokens(string.Join(' ', Enumerable.Range(0, 5_000)), words: 1, buckets: 7, maxTokens: 5_000);
        Assert.Equal(Enumerable.Range(0, 7), tokens.Distinct().Order());
    }

    /// <summary>Numbers that must never change: stores hold encoded items, and a rerun must meet them again.</summary>
    [Fact]
    public void Tokens_are_the_same_in_every_version_and_on_every_machine()
    {
        Assert.Equal([1033726, 335117, 445375], Tokens("The quick"));
        Assert.Equal([411186], Tokens("漢", words: 1));
    }

    [Theory]
    [InlineData(TextEncodingKind.Cl100kBase)]
    [InlineData(TextEncodingKind.O200kBase)]
    public void Pretrained_encodings_are_cut_and_reduced(TextEncodingKind kind)
    {
        var whole = Tokens("Hello world, how are you? 日本語", kind: kind, buckets: 1 << 20);
        Assert.InRange(whole.Length, 8, 14);
        Assert.Equal(whole[..5], Tokens("Hello world, how are you? 日本語", kind: kind, buckets: 1 << 20, maxTokens: 5));
        Assert.Equal(whole.Select(token => token % 1000), Tokens("Hello world, how are you? 日本語", kind: kind, buckets: 1000));
    }

    [Fact]
    public void A_text_alone_is_encoded_as_the_reader_does()
    {
        var row = Samples.ReadLines("""{"id":1,"author":"a","text":"Some text, été","topic":"world"}""", Samples.Text)[0];
        var encoder = new ItemEncoder(Samples.Text);
        Assert.Equal(row.Features, encoder.EncodeText("Some text, été"u8).ToArray());
    }

    [Fact]
    public void Text_that_is_not_UTF8_is_the_callers_fault() =>
        Assert.Throws<ArgumentException>(() => new ItemEncoder(Samples.Text).EncodeText([0xFF]));

    [Fact]
    public void A_category_is_its_field_and_its_value()
    {
        var recipe = Samples.Table with { Features = new FeatureOptions { Categories = new CategoryFeature(["a", "b"], 1 << 12) } };
        var ab = Samples.ReadLines("""{"id":1,"sick":"no","a":"x","b":"y"}""", recipe)[0].Numbers;
        var ba = Samples.ReadLines("""{"id":1,"sick":"no","a":"y","b":"x"}""", recipe)[0].Numbers;
        Assert.Equal(2, ab.Sum());
        Assert.NotEqual(ab, ba);
        Assert.Equal(Samples.ReadLines("""{"id":1,"sick":"no","a":"x"}""", recipe)[0].Numbers, Samples.ReadLines("""{"id":1,"sick":"no","a":"x","b":null}""", recipe)[0].Numbers);
        Assert.Equal(Samples.ReadLines("""{"id":1,"sick":"no","a":1,"b":true}""", recipe)[0].Numbers, Samples.ReadLines("""{"id":1,"sick":"no","a":"1","b":"true"}""", recipe)[0].Numbers);
    }

    private static int[] Tokens(string text, int words = 2, int chars = 0, int buckets = 1 << 20, int maxTokens = 256, TextEncodingKind kind = TextEncodingKind.HashedNgrams) =>
        MemoryMarshal.Cast<byte, int>(new ItemEncoder(Samples.Text with { Features = new FeatureOptions { Text = new TextFeature(kind, words, chars, buckets, maxTokens) } }).EncodeText(Encoding.UTF8.GetBytes(text)).Span).ToArray();
}
