namespace Sisa.Fuzzing.Targets;

/// <summary>JSON lines.</summary>
internal sealed class JsonlTarget() : CorpusTarget("jsonl", "a.jsonl", CorpusRecipes.Text, CorpusRecipes.PlainText, CorpusRecipes.Table)
{
    public override IReadOnlyList<byte[]> Tokens { get; } = Words(
        "{", "}", "[", "]", ":", ",", "\"", "\n", "\r\n", "null", "true", "false", "\"id\"", "\"author\"", "\"team\"", "\"text\"", "\"more\"", "\"topic\"", "\"risk\"", "\"batch\"", "\"sick\"", "\"age\"",
        "\"weight\"", "\"city\"", "\"v\"", "\"world\"", "\"yes\"", "\"high\"", "\"b1\"", "[1,0.5,-1]", "1e308", "-0", "1e-400", "\\ud800", "\\udc00", "\\u0000", "\\n", "\uFEFF", "\u0085", "\u2028", "/*", "NaN");

    public override IEnumerable<byte[]> LargeInputs() =>
    [
        Repeat("{\"id\":\"a\",\"author\":\"x\",\"topic\":\"world\",\"text\":\"", _ => "\\u00e9 ", "\"}\n", (4 << 20) - 4096),
        Repeat(string.Empty, i => $"{{\"id\":{i}}}\n", string.Empty, 8 << 20),
        Repeat("{\"id\":1,\"v\":[", _ => "1,", "1]}\n", (4 << 20) - 4096),
    ];

    public override IEnumerable<byte[]> Seeds() => Words(
        "{\"id\":\"a\",\"author\":\"x\",\"team\":\"t\",\"text\":\"one two\",\"more\":\"three\",\"topic\":\"world\",\"risk\":\"high\",\"batch\":\"b1\"}\n{\"topic\":\"sports\",\"id\":17,\"author\":\"y\",\"text\":\"\\u00e9\\\"\",\"z\":{\"a\":[1]}}\n",
        "{\"id\":1,\"age\":30,\"weight\":null,\"city\":\"Rome\",\"sick\":\"yes\",\"v\":[1,-1,0.5]}\n\n{\"id\":2,\"age\":1e2,\"city\":true,\"sick\":\"no\",\"v\":[0,0,0]}");
}
