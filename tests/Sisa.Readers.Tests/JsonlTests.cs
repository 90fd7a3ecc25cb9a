using System.Text;
using Sisa.Training;

namespace Sisa.Readers.Tests;

public sealed class JsonlTests
{
    [Fact]
    public void A_row_gives_id_subject_label_and_text()
    {
        var row = Assert.Single(Samples.ReadLines("""{"id": 17, "author": "Ada", "other": {"deep": [1, 2]}, "text": "Hello\nworld", "topic": "sports"}""", Samples.Text));
        Assert.Equal(("17", "Ada", 1, "Hello\nworld", 1L), (row.Id, row.Subject, row.Label, row.Text, row.Number));
    }

    [Theory]
    [InlineData("17", "17")]
    [InlineData("\"17\"", "17")]
    [InlineData("1.50", "1.50")]
    [InlineData("1e3", "1e3")]
    [InlineData("true", "true")]
    [InlineData("\"\\u00e9\\ud83d\\ude00\"", "é😀")]
    public void Ids_are_the_exact_text_of_the_value(string json, string id) =>
        Assert.Equal(id, Samples.ReadLines($$"""{"id": {{json}}, "author": "a", "text": "t", "topic": "world"}""", Samples.Text)[0].Id);

    [Fact]
    public void Roles_of_several_fields_are_joined()
    {
        var recipe = Samples.Text with
        {
            Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["lang", "id"], Subject = ["a", "b"], Text = ["question", "answer"], Label = "topic" } },
        };
        var row = Assert.Single(Samples.ReadLines("""{"answer": "Yes.", "id": 3, "lang": "fr", "a": "x", "b": "y", "question": "Is it?", "topic": "world"}""", recipe));
        Assert.Equal(("fr/3", "x/y", "Is it?\nYes."), (row.Id, row.Subject, row.Text));
    }

    [Fact]
    public void Fields_may_change_their_order_and_names_may_be_escaped()
    {
        var rows = Samples.ReadLines(
            "{\"id\":1,\"author\":\"a\",\"text\":\"one\",\"topic\":\"world\"}\n\n  \r\n{\"topic\":\"sports\",\"text\":\"two\",\"x\":null,\"author\":\"b\",\"\\u0069d\":2}\r\n",
            Samples.Text);
        Assert.Equal([("1", "one", 0, 1L), ("2", "two", 1, 4L)], rows.Select(row => (row.Id, row.Text, row.Label, row.Number)));
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over() =>
        Assert.Single(Samples.ReadLines("\uFEFF{\"id\":1,\"author\":\"a\",\"text\":\"one\",\"topic\":\"world\"}", Samples.Text));

    [Fact]
    public void The_subject_is_the_id_where_none_is_mapped()
    {
        var row = Samples.ReadLines("""{"id": "x", "age": 50, "weight": 100, "city": "Rome", "sick": "yes"}""", Samples.Table)[0];
        Assert.Equal("x", row.Subject);
    }

    [Fact]
    public void Ids_that_no_field_gives_are_file_and_row_and_a_notice_says_how_long_they_hold()
    {
        var notices = new List<string>();
        var recipe = Samples.Table with { Corpus = new CorpusOptions { Fields = new FieldOptions { Label = "sick" } } };
        using var folder = new TemporaryFolder();
        var path = folder.Write("people.jsonl", """{"age": 50, "weight": null, "city": "Rome", "sick": "yes"}""");
        Assert.Equal("people.jsonl:1", Samples.ReadAll(path, recipe, new ReadOptions { OnNotice = notices.Add })[0].Id);
        Assert.Contains("neither edited nor renamed", Assert.Single(notices), StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_that_no_row_has_is_noticed()
    {
        var notices = new List<string>();
        Samples.ReadLines("""{"id": 1, "age": 1, "sick": "yes", "city": "Rome"}""", Samples.Table, new ReadOptions { OnNotice = notices.Add });
        Assert.Contains("'weight'", Assert.Single(notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Prediction_needs_neither_id_nor_label_nor_subject()
    {
        var rows = Samples.ReadLines("{\"text\": \"a\"}\n{\"text\": \"b\", \"topic\": \"never heard of\", \"id\": \"x\"}", Samples.Text, new ReadOptions { ForPrediction = true });
        Assert.Equal([("stdin:1", -1), ("x", -1)], rows.Select(row => (row.Id, row.Label)));
    }

    [Fact]
    public void A_row_is_answered_before_the_stream_ends()
    {
        using var stream = new DrippingStream(
            """{"id":1,"author":"a","text":"one","topic":"world"}""" + "\n" + """{"id":2,"auth""",
            """or":"a","text":"two","topic":"world"}""" + "\n");
        using var items = CorpusReader.Read(stream, "stdin", Samples.Text).GetEnumerator();
        Assert.True(items.MoveNext());
        Assert.Equal(1, stream.PiecesTaken);
        Assert.True(items.MoveNext());
        Assert.Equal("2", items.Current.Id);
        Assert.False(items.MoveNext());
    }

    [Fact]
    public void The_same_item_comes_again_with_every_row()
    {
        using var stream = new MemoryStream("{\"id\":1,\"author\":\"a\",\"text\":\"one\",\"topic\":\"world\"}\n{\"id\":2,\"author\":\"a\",\"text\":\"two\",\"topic\":\"world\"}"u8.ToArray());
        var items = CorpusReader.Read(stream, "stdin", Samples.Text).ToList();
        Assert.Same(items[0], items[1]);
    }

    [Fact]
    public void Risk_classes_and_batches_come_with_the_row()
    {
        var recipe = Samples.Text with
        {
            Corpus = Samples.Text.Corpus with { Fields = Samples.Text.Corpus.Fields with { Risk = "risk", Batch = "month" } },
            Ensemble = new EnsembleOptions
            {
                Slices = 2,
                Assign = AssignRule.ByBatch,
                Batches = ["may", "june"],
                RiskClasses = new Dictionary<string, RiskClass> { ["high"] = new([0]), ["low"] = new([1]) },
            },
        };
        const string Good = """{"id":1,"author":"a","text":"one","topic":"world","risk":"low","month":"june"}""";
        var row = Samples.ReadLines(Good, recipe)[0];
        Assert.Equal(("low", "june"), (row.Risk, row.Batch));
        Assert.Contains("'middling' is not declared; expected one of 'high', 'low'", Samples.LineFault(Good.Replace("low", "middling", StringComparison.Ordinal), recipe).Message, StringComparison.Ordinal);
        Assert.Contains("'july' is not declared; expected one of 'may', 'june'", Samples.LineFault(Good.Replace("june", "july", StringComparison.Ordinal), recipe).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"id\":1,\"author\":\"a\",\"text\":\"x\",\"topic\":\"world\"", "Malformed JSON")]
    [InlineData("{\"id\":1,\"author\":\"a\",\"text\":\"x\",\"topic\":\"world\"} x", "Malformed JSON")]
    [InlineData("{'id':1}", "Malformed JSON")]
    [InlineData("[{\"id\":1}]", "holds a JSON array, expected one object a line")]
    [InlineData("\"id\"", "holds a JSON text, expected one object")]
    [InlineData("{\"id\":1,\"id\":2,\"author\":\"a\",\"text\":\"x\",\"topic\":\"world\"}", "'id' occurs twice")]
    [InlineData("{\"id\":null,\"id\":2,\"author\":\"a\",\"text\":\"x\",\"topic\":\"world\"}", "'id' occurs twice")]
    [InlineData("{\"author\":\"a\",\"text\":\"x\",\"topic\":\"world\"}", "'id', mapped as id, is missing")]
    [InlineData("{\"id\":\"\",\"author\":\"a\",\"text\":\"x\",\"topic\":\"world\"}", "'id', mapped as id, is empty")]
    [InlineData("{\"id\":1,\"author\":null,\"text\":\"x\",\"topic\":\"world\"}", "'author', mapped as subject, is null")]
    [InlineData("{\"id\":{\"a\":1},\"author\":\"a\",\"text\":\"x\",\"topic\":\"world\"}", "'id' holds an object or an array")]
    [InlineData("{\"id\":1,\"author\":\"a\",\"text\":[\"x\"],\"topic\":\"world\"}", "'text' holds an object or an array")]
    [InlineData("{\"id\":1,\"author\":\"a\",\"text\":null,\"topic\":\"world\"}", "has no text in 'text'")]
    [InlineData("{\"id\":1,\"author\":\"a\",\"text\":\"x\",\"topic\":\"art\"}", "Label 'art' is not declared; expected one of 'world', 'sports'")]
    [InlineData("{\"id\":1,\"author\":\"a\",\"text\":\"x\"}", "'topic', mapped as label, is missing")]
    [InlineData("{\"id\":\"a\\u0007b\",\"author\":\"a\",\"text\":\"x\",\"topic\":\"world\"}", "holds a control character")]
    [InlineData("{\"id\":\"a\\u0085b\",\"author\":\"a\",\"text\":\"x\",\"topic\":\"world\"}", "holds a control character")]
    [InlineData("{\"id\":1,\"author\":\"a\",\"text\":\"\\ud800\",\"topic\":\"world\"}", "half of a surrogate pair")]
    public void A_bad_row_is_named_with_place_reason_and_hint(string line, string reason)
    {
        const string Good = """{"id":0,"author":"a","text":"x","topic":"world"}""";
        using var folder = new TemporaryFolder();
        var path = folder.Write("news.jsonl", Good + "\n" + line + "\n");
        var fault = Samples.Fault(path, Samples.Text);
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        Assert.StartsWith($"{path}:2: ", fault.Message, StringComparison.Ordinal);
        Assert.Equal((path, 2L), (fault.File, fault.Row));
        Assert.False(string.IsNullOrEmpty(fault.Remedy?.ToString()));
        Assert.Equal(FaultKind.Data, fault.Kind);
    }

    [Fact]
    public void Bad_rows_are_passed_over_where_that_is_asked_for()
    {
        var faults = new List<CorpusException>();
        var rows = Samples.ReadLines(
            "{\"id\":1,\"author\":\"a\",\"text\":\"x\",\"topic\":\"world\"}\n{oops\n{\"id\":3,\"author\":\"a\",\"text\":\"x\",\"topic\":\"art\"}\n{\"id\":4,\"author\":\"a\",\"text\":\"x\",\"topic\":\"sports\"}",
            Samples.Text,
            new ReadOptions
            {
                OnFault = fault =>
                {
                    faults.Add(fault);
                    return true;
                },
            });
        Assert.Equal(["1", "4"], rows.Select(row => row.Id));
        Assert.Equal([2L, 3L], faults.Select(fault => fault.Row!.Value));
    }

    [Fact]
    public void Invalid_UTF8_is_a_fault_of_its_line()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = [.. "{\"id\":1,\"author\":\"a\",\"text\":\"x\",\"topic\":\"world\"}\n{\"id\":2,\"author\":\"a\",\"text\":\""u8, 0xE9, .. "\",\"topic\":\"world\"}\n"u8];
        var fault = Samples.Fault(folder.Write("latin.jsonl", bytes), Samples.Text);
        Assert.Equal(2, fault.Row);
        Assert.Contains("not valid UTF-8", fault.Message, StringComparison.Ordinal);
        Assert.Contains("iconv", fault.Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_absurdly_long_line_is_refused_without_being_kept()
    {
        var recipe = Samples.Text with { Corpus = Samples.Text.Corpus with { MaxFieldBytes = 1000 } };
        var line = $$"""{"id":1,"author":"a","text":"{{new string('x', 200_000_000 / 100)}}","topic":"world"}""";
        var rows = new List<CorpusException>();
        using var stream = new RepeatingStream(Encoding.UTF8.GetBytes(line[..^20]), 40);
        var before = GC.GetTotalAllocatedBytes();
        Assert.Empty(CorpusReader.Read(stream, "stdin", recipe, new ReadOptions
        {
            OnFault = fault =>
            {
                rows.Add(fault);
                return true;
            },
        }));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 20_000_000);
        Assert.Contains("longer than", Assert.Single(rows).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_longer_than_the_limit_is_refused_and_the_next_row_is_read()
    {
        var recipe = Samples.Text with { Corpus = Samples.Text.Corpus with { MaxFieldBytes = 10 } };
        var fault = Samples.LineFault("""{"id":1,"author":"a","text":"twelve bytes","topic":"world"}""", recipe);
        Assert.Contains("Field 'text' is longer than 10 bytes", fault.Message, StringComparison.Ordinal);
        Assert.Contains("maxFieldBytes", fault.Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_longer_than_512_bytes_are_refused()
    {
        var longest = new string('é', 256);
        Assert.Equal(longest, Samples.ReadLines($$"""{"id":"{{longest}}","author":"a","text":"x","topic":"world"}""", Samples.Text)[0].Id);
        var fault = Samples.LineFault($$"""{"id":"{{longest}}x","author":"a","text":"x","topic":"world"}""", Samples.Text);
        Assert.Contains("513 bytes, expected at most 512", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>Gives its pieces one a read, as a pipe does.</summary>
    private sealed class DrippingStream(params string[] pieces) : MemoryStream
    {
        public int PiecesTaken { get; private set; }

        public override int Read(Span<byte> buffer) => PiecesTaken < pieces.Length ? Encoding.UTF8.GetBytes(pieces[PiecesTaken++], buffer) : 0;

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    }

    /// <summary>The same bytes several times over.</summary>
    private sealed class RepeatingStream(byte[] bytes, int times) : MemoryStream
    {
        private long _at;

        public override int Read(Span<byte> buffer)
        {
            if (_at >= (long)bytes.Length * times)
            {
                return 0;
            }

            var start = (int)(_at % bytes.Length);
            var count = Math.Min(buffer.Length, bytes.Length - start);
            bytes.AsSpan(start, count).CopyTo(buffer);
            _at += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    }
}
