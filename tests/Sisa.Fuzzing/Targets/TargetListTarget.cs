using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sisa.Fuzzing.Engine;
using Sisa.Readers.Lists;

namespace Sisa.Fuzzing.Targets;

/// <summary>Lists for <c>--file</c>, <c>--except</c> and <c>--readmit</c>. A list that is written as JSON lines reads the same.</summary>
internal sealed class TargetListTarget() : FuzzTarget("target-list")
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // A store that holds every name as an item, so that lines without a header are taken.
    private static readonly ListReading Reading = new() { LookUp = names => new ListedNames(names.ToHashSet(StringComparer.Ordinal), new HashSet<string>()) };

    private readonly ScratchFolder _folder = new();

    public override int MaxBytes => 4 * 1024;

    public override IReadOnlyList<byte[]> Tokens { get; } = Words("item", "subject", "user_id", "sep=;\n", ";", "\t", "[", "[{", "}]", "span", "item,span\n", ",", "\"", "\"\"", "\n", "\r", "\r\n", "{", "}", "\"item\":", "\"subject\":", "\"span\":", "3..5", "..", "null", "[]", "\uFEFF", "\\ud800", "\0", "18446744073709551616");

    public override IEnumerable<byte[]> Seeds() => Words(
        "a\nb\n\nc d\n",
        "item,subject,span\na,,\n,b,\nc,,3..5\n\"d,e\",,\n",
        "sep=;\nitem;\"User ID\"\na;\n;b\n",
        "[{\"item\":\"a\"},\n{\"userId\":\"b\"}]",
        "{\"item\":\"a\"}\n{\"subject\":\"b\"}\n{\"item\":17,\"span\":\"3..5\"}\n");

    protected override void Run(byte[] input)
    {
        var list = TargetList.Read(_folder.Write("list", input), Reading);
        Check(list.Items.All(item => list.Holds(item, string.Empty)) && list.Subjects.All(subject => list.Holds(string.Empty, subject)), "a list holds what is on it");
        var lines = list.Items.Select(item => JsonSerializer.Serialize(new { item }, Json))
            .Concat(list.Subjects.Select(subject => JsonSerializer.Serialize(new { subject }, Json)))
            .Concat(list.Spans.Select(span => JsonSerializer.Serialize(new { item = span.Item, span = span.Span.ToString() }, Json)));
        var again = TargetList.Read(_folder.Write("again", Encoding.UTF8.GetBytes(string.Join('\n', lines))));
        Check(again.Items.Order(StringComparer.Ordinal).SequenceEqual(list.Items.Order(StringComparer.Ordinal)), "items that are written again read the same");
        Check(again.Subjects.Order(StringComparer.Ordinal).SequenceEqual(list.Subjects.Order(StringComparer.Ordinal)), "subjects that are written again read the same");
        Check(again.Spans.SequenceEqual(list.Spans), "spans that are written again read the same");
    }

    protected override bool IsDocumented(Exception e) => e is CorpusException;

    protected override void Dispose(bool disposing)
    {
        _folder.Dispose();
        base.Dispose(disposing);
    }
}
