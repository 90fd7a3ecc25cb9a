using System.Buffers.Binary;
using Sisa.Training;

namespace Sisa.Readers.Tests;

public sealed class FormatTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Csv_and_Jsonl_and_Parquet_give_the_same_items()
    {
        var json = _folder.Write("a.jsonl", "{\"id\":17,\"age\":30,\"weight\":null,\"city\":\"Rome, Italy\",\"sick\":\"yes\"}\n{\"id\":18,\"age\":40.5,\"weight\":75,\"city\":\"\",\"sick\":\"no\"}\n");
        var csv = _folder.Write("a.csv", "id,unused,age,weight,city,sick\r\n17,x,30,?,\"Rome, Italy\",yes\r\n18,\"y\"\"\n\",40.5,75,,no\r\n");
        var parquet = _folder.PathOf("a.parquet");
        await ParquetFiles.WriteAsync(parquet);

        var expected = Samples.ReadAll(json, Samples.Table);
        foreach (var path in (string[])[csv, parquet])
        {
            var rows = Samples.ReadAll(path, Samples.Table);
            Assert.Equal(expected.Select(row => (row.Id, row.Subject, row.Label)), rows.Select(row => (row.Id, row.Subject, row.Label)));
            Assert.Equal(expected.Select(row => row.Features), rows.Select(row => row.Features));
        }

        Assert.Equal([0.3f, 0f], expected[0].Numbers[..2]);
        Assert.Equal([0.405f, 0.25f], expected[1].Numbers[..2]);
        Assert.Equal(1, expected[0].Numbers[2..].Sum());
    }

    [Fact]
    public async Task A_vector_is_read_from_json_csv_and_parquet()
    {
        var recipe = Samples.Table with { Features = new FeatureOptions { Vector = new VectorFeature("v", 3, -1, 1) } };
        var parquet = _folder.PathOf("v.parquet");
        await ParquetFiles.WriteVectorsAsync(parquet);
        var paths = new[]
        {
            _folder.Write("v.jsonl", "{\"id\":1,\"sick\":\"no\",\"v\":[-1,0,1]}\n{\"id\":2,\"sick\":\"no\",\"v\":[1,0.5,-1]}"),
            _folder.Write("v.csv", "id,sick,v\n1,no,\"[-1, 0, 1]\"\n2,no,1 0.5 -1\n"),
            parquet,
        };
        foreach (var path in paths)
        {
            var rows = Samples.ReadAll(path, recipe);
            Assert.Equal([0, 0.5f, 1], rows[0].Numbers);
            Assert.Equal([1, 0.75f, 0], rows[1].Numbers);
        }
    }

    [Theory]
    [InlineData("[1,2]", "has 2 numbers, expected 3")]
    [InlineData("[0,0,2]", "Element 3 of field 'v' is 2, outside its declared range -1 to 1")]
    [InlineData("[0,\"x\",1]", "not an array of numbers")]
    [InlineData("[[0],0,1]", "not an array of numbers")]
    [InlineData("{\"a\":1}", "not an array of numbers")]
    [InlineData("7", "not an array of numbers")]
    [InlineData("null", "is missing, expected 3 numbers")]
    public void A_bad_vector_is_refused(string json, string reason)
    {
        var recipe = Samples.Table with { Features = new FeatureOptions { Vector = new VectorFeature("v", 3, -1, 1) } };
        Assert.Contains(reason, Samples.LineFault($$"""{"id":1,"sick":"no","v":{{json}}}""", recipe).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("130", "'age' is 130, outside its declared range 0 to 100", "features.numbers.age")]
    [InlineData("\"old\"", "'age' is 'old', expected a number", "category")]
    [InlineData("\"NaN\"", "expected a number", "category")]
    [InlineData("null", "'age' has no number", "missing")]
    [InlineData("\"?\"", "'age' has no number", "missing")]
    [InlineData("[1]", "holds an object or an array", "map another field")]
    public void A_bad_number_is_refused(string json, string reason, string hint)
    {
        var fault = Samples.LineFault($$"""{"id":1,"sick":"no","city":"x","age":{{json}}}""", Samples.Table);
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        Assert.Contains(hint, fault.Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Tab_separated_values_take_quotation_marks_as_they_are()
    {
        var recipe = Samples.Text with
        {
            Corpus = new CorpusOptions { Header = false, Fields = new FieldOptions { Id = ["c3"], Text = ["c1"], Label = "c2" } },
        };
        var path = _folder.Write("a.tsv", "\"So, he said\tworld\tx1\nfine \"quote\"\tsports\tx2\n");
        Assert.Equal([("x1", "\"So, he said"), ("x2", "fine \"quote\"")], Samples.ReadAll(path, recipe).Select(row => (row.Id, row.Text)));
    }

    [Fact]
    public void Csv_rows_are_counted_by_the_line_they_begin_in()
    {
        var path = _folder.Write("a.csv", "id,age,city,sick,weight\n1,5,\"two\nlines\",no,60\n\n2,5,x,no,60\n3,5,x,maybe,60\n");
        Assert.Equal([2L, 5L], Samples.ReadAll(path, Samples.Table, new ReadOptions { OnFault = _ => true }).Select(row => row.Number));
        Assert.Equal(6, Samples.Fault(path, Samples.Table).Row);
    }

    [Theory]
    [InlineData("id,age,weight,city,sick\n1,5,60,x\n", 2, "has 4 columns, expected 5", "quotation marks")]
    [InlineData("id,age,weight,city,sick\n1,5,60,x,no,6\n", 2, "has 6 columns, expected 5", "quotation marks")]
    [InlineData("id,age,city,sick\n1,5,x,no\n", 1, "No column 'weight'. The file has the columns 'id', 'age', 'city', 'sick'", "must match exactly")]
    [InlineData("id,age,age,weight,city,sick\n1,5,5,60,x,no\n", 1, "Column 'age' occurs twice, as columns 2 and 3", "Rename")]
    [InlineData("id,age,weight,city,sick\n1,5,60,a\"b,no\n", 2, "quotation mark", "double")]
    [InlineData("id,age,weight,city,sick\n1,5,60,\"ab,no\n", 2, "", "")]
    [InlineData("id,age,weight,city,sick\n,5,60,x,no\n", 2, "mapped as id, is empty", "corpus.fields.id")]
    public void A_bad_csv_is_refused(string text, long row, string reason, string hint)
    {
        var fault = Samples.Fault(_folder.Write("a.csv", text), Samples.Table);
        Assert.Equal(row, fault.Row);
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        Assert.Contains(hint, fault.Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Invalid_UTF8_in_a_csv_is_a_fault_of_its_line_only()
    {
        byte[] bytes = [.. "id,age,weight,city,sick\n1,5,60,x,no\n2,5,60,"u8, 0xFF, .. ",no\n3,5,60,é,no\n"u8];
        var path = _folder.Write("a.csv", bytes);
        var faults = new List<CorpusException>();
        var rows = Samples.ReadAll(path, Samples.Table, new ReadOptions
        {
            OnFault = fault =>
            {
                faults.Add(fault);
                return true;
            },
        });
        Assert.Equal(["1", "3"], rows.Select(row => row.Id));
        Assert.Equal(3, Assert.Single(faults).Row);
    }

    [Theory]
    [InlineData("id,text,label,note\n1,a,x,n\n2,b,x,\"abc\n3,c,x,n\n4,d,x,n\n", 3)]
    [InlineData("id,text,label,note\n1,a,x,n\n2,b,x,\"abc\n3,c,x,\"n\"\n4,d,x,\"n\"\n", 3)]
    [InlineData("id,text,label,note\n1,a,x,n\n2,b,x,\"abc\n3,c,x,\"n\"\n4,d,x,n\n", 3)]
    [InlineData("id,text,label,note\n1,a,x,n\n2,b,x,\"abc\n3,c,x,\"n\"\n", 3)]
    [InlineData("id,text,label,\"note\n1,a,x,n\n2,b,x,n\n", 1)]
    public void A_quotation_mark_that_is_not_closed_loses_no_row_in_silence(string csv, long line)
    {
        var recipe = Samples.Text with { Labels = ["x", "y"], Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["id"], Text = ["text"], Label = "label" } } };
        var fault = Samples.Fault(_folder.Write("a.csv", csv), recipe);
        Assert.Equal(line, fault.Row);
        Assert.Contains("not closed", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Quoted_fields_over_several_lines_are_read()
    {
        var recipe = Samples.Text with { Labels = ["x", "y"], Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["id"], Text = ["text"], Label = "label" } } };
        var path = _folder.Write("a.csv", "id,text,label,note\n1,\"a\nb\",x,\"say \"\"so\"\"\r\nand so\"\n2,c,y,\n");
        Assert.Equal([("1", "a\nb"), ("2", "c")], Samples.ReadAll(path, recipe).Select(row => (row.Id, row.Text)));
    }

    [Theory]
    [InlineData("text\nfine\nsome \"words\"\n", true, 3)]
    [InlineData("some \"words\"\nfine\n", false, 1)]
    public void Bad_quotation_marks_are_seen_in_a_single_column_and_in_a_first_row(string csv, bool header, long line)
    {
        var text = header ? "text" : "c1";
        var recipe = Samples.Text with { Corpus = new CorpusOptions { Header = header, Fields = new FieldOptions { Text = [text] } } };
        var fault = Samples.Fault(_folder.Write("a.csv", csv), recipe, new ReadOptions { ForPrediction = true });
        Assert.Equal(line, fault.Row);
        Assert.Contains("quotation mark", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_line_of_invalid_UTF8_is_found_behind_a_character_that_two_reads_share()
    {
        // The reader takes 64 KiB at a time: a carriage return and the first byte of é end the first piece, a line feed comes right behind it.
        var start = "id,age,weight,city,sick\r1,5,60,\""u8.ToArray();
        byte[] bytes =
        [
            .. start, .. Enumerable.Repeat((byte)'x', (64 * 1024) - start.Length - 2), .. "\ré\n\",no\r2,5,60,y,no\r3,5,60,"u8, 0xFF, .. ",no\r4,5,60,z,no\r"u8,
        ];
        var faults = new List<CorpusException>();
        var rows = Samples.ReadAll(_folder.Write("a.csv", bytes), Samples.Table, new ReadOptions
        {
            OnFault = fault =>
            {
                faults.Add(fault);
                return true;
            },
        });
        Assert.Equal(["1", "2", "4"], rows.Select(row => row.Id));
        Assert.Equal(6, Assert.Single(faults).Row);
    }

    [Fact]
    public void A_csv_field_without_end_does_not_fill_the_memory()
    {
        var recipe = Samples.Table with { Corpus = Samples.Table.Corpus with { MaxFieldBytes = 10_000 } };
        var fault = Samples.Fault(_folder.Write("a.csv", "id,age,weight,city,sick\n1,5,60,\"" + new string('x', 1_000_000)), recipe);
        Assert.Contains("longer than 10000 bytes", fault.Message, StringComparison.Ordinal);
        Assert.Contains("not closed", fault.Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_is_an_item_a_line_or_a_file()
    {
        var recipe = Samples.Text with { Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["file", "row"], Label = "folder" } }, Labels = ["pos", "neg"] };
        Directory.CreateDirectory(_folder.PathOf("neg"));
        var path = _folder.Write("neg/a.txt", "first\n\n  \nsecond\r\n");
        Assert.Equal([("a.txt/1", "first", 1), ("a.txt/4", "second", 1)], Samples.ReadAll(path, recipe).Select(row => (row.Id, row.Text, row.Label)));
        var whole = recipe with { Corpus = recipe.Corpus with { TextUnit = TextUnit.File } };
        Assert.Equal([("a.txt/1", "first\n\n  \nsecond\r\n")], Samples.ReadAll(path, whole).Select(row => (row.Id, row.Text)));
    }

    [Fact]
    public void Images_come_with_the_labels_beside_them()
    {
        WriteImages("train-images-idx3-ubyte", 3, 2, 3);
        WriteLabels("train-labels-idx1-ubyte", 2, 0, 1);
        var rows = Samples.ReadAll(_folder.PathOf("train-images-idx3-ubyte"), Samples.Image);
        Assert.Equal([2, 0, 1], rows.Select(row => row.Label));
        Assert.Equal(["train-images-idx3-ubyte:1", "train-images-idx3-ubyte:2", "train-images-idx3-ubyte:3"], rows.Select(row => row.Id));
        Assert.Equal([6, 7, 8, 9, 10, 11], rows[1].Features);
    }

    [Fact]
    public void Labels_of_images_may_be_named_and_compressed()
    {
        WriteImages("a.idx", 2, 2, 3);
        WriteLabels("b", 1, 1);
        File.WriteAllBytes(_folder.PathOf("b.gz"), TemporaryFolder.Gzip(File.ReadAllBytes(_folder.PathOf("b"))));
        var recipe = Samples.Image with { Corpus = Samples.Image.Corpus with { LabelsFile = "b.gz", ImagesFile = "a.idx" } };
        Assert.Equal([1, 1], Samples.ReadAll(_folder.PathOf("a.idx"), recipe).Select(row => row.Label));
    }

    [Fact]
    public void Images_to_predict_need_no_labels()
    {
        WriteImages("x-images-idx3-ubyte", 2, 2, 3);
        Assert.Equal([-1, -1], Samples.ReadAll(_folder.PathOf("x-images-idx3-ubyte"), Samples.Image, new ReadOptions { ForPrediction = true }).Select(row => row.Label));
        Assert.Contains("no file", Samples.Fault(_folder.PathOf("x-images-idx3-ubyte"), Samples.Image).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_images_are_refused()
    {
        WriteImages("a-images-idx3-ubyte", 3, 2, 3);
        var path = _folder.PathOf("a-images-idx3-ubyte");
        WriteLabels("a-labels-idx1-ubyte", 2, 0);
        Assert.Contains("2 labels for 3 images", Samples.Fault(path, Samples.Image).Message, StringComparison.Ordinal);
        WriteLabels("a-labels-idx1-ubyte", 2, 0, 9);
        var fault = Samples.Fault(path, Samples.Image);
        Assert.Contains("label is 9, expected 0 to 2", fault.Message, StringComparison.Ordinal);
        Assert.Equal(3, fault.Row);
        WriteLabels("a-labels-idx1-ubyte", 2, 0, 1);
        var bytes = File.ReadAllBytes(path);
        _folder.Write("a-images-idx3-ubyte", bytes[..^1]);
        Assert.Contains("ends within image 3 of the 3", Samples.Fault(path, Samples.Image).Message, StringComparison.Ordinal);
        _folder.Write("a-images-idx3-ubyte", [.. bytes, 0]);
        Assert.Contains("longer than its header says", Samples.Fault(path, Samples.Image).Message, StringComparison.Ordinal);
        _folder.Write("a-images-idx3-ubyte", "not idx at all"u8.ToArray());
        Assert.Contains("expected an IDX file", Samples.Fault(path, Samples.Image).Message, StringComparison.Ordinal);
        WriteImages("a-images-idx3-ubyte", 3, 3, 3);
        Assert.Contains("shape 3 × 3; the recipe declares 2 × 3", Samples.Fault(path, Samples.Image).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_parquet_is_refused()
    {
        var path = _folder.PathOf("a.parquet");
        await ParquetFiles.WriteAsync(path);
        var bytes = File.ReadAllBytes(path);
        _folder.Write("a.parquet", bytes[..(bytes.Length / 2)]);
        var fault = Samples.Fault(path, Samples.Table);
        Assert.Contains("cannot be read as Parquet", fault.Message, StringComparison.Ordinal);
        _folder.Write("a.parquet", bytes);
        var other = Samples.Table with { Features = new FeatureOptions { Numbers = [new NumberFeature("height", 0, 1)] } };
        Assert.Contains("No column 'height'", Samples.Fault(path, other).Message, StringComparison.Ordinal);
        _folder.Write("a.parquet", TemporaryFolder.Gzip(bytes));
        Assert.Contains("gunzip", Samples.Fault(path, Samples.Table).Remedy?.ToString(), StringComparison.Ordinal);
    }

    private void WriteImages(string name, int count, int height, int width)
    {
        var bytes = new byte[16 + (count * height * width)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, 0x803);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), count);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), height);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(12), width);
        for (var i = 16; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(i - 16);
        }

        _folder.Write(name, bytes);
    }

    private void WriteLabels(string name, params byte[] labels)
    {
        var header = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(header, 0x801);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), labels.Length);
        _folder.Write(name, [.. header, .. labels]);
    }
}
