using System.Runtime.InteropServices;
using System.Text;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Training;
using Sisa.Forgetting;
using Sisa.Measurements;
using Sisa.Models;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Engine.Tests.Forgetting;

/// <summary>What a meter of language models is told: the tokens of a span in the text as it was, and texts that stay.</summary>
public sealed class ForgottenTextTests : IDisposable
{
    private readonly TestStore _store = new(SmallRecipes.Text(2, 2) with
    {
        Task = TaskKind.LanguageModel,
        Labels = [],
        Features = new FeatureOptions(),
        Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["id"], Subject = ["author"], Text = ["text"] } },
        Model = new DecoderOptions { Layers = 1, Width = 8, Heads = 2, Context = 32 },
    });

    private readonly Meter _meter = new();

    [Fact]
    public void The_tokens_of_a_span_are_told_with_the_text_as_it_was()
    {
        Ingest();

        Forget(new TextSpan(3, 11));

        var record = Assert.Single(_meter.Asked.Single().Value);
        Assert.Equal("语 tells ", Read(record, Assert.Single(record.Spans)));
    }

    [Fact]
    public void Spans_of_a_text_that_was_cut_before_are_found_in_what_was_left()
    {
        Ingest();
        Forget(new TextSpan(3, 11));
        _meter.Asked.Clear();

        Forget(new TextSpan(0, 2), new TextSpan(12, 15));

        var record = Assert.Single(_meter.Asked.Single().Value);
        Assert.Equal(["日本", "s 🙂"], record.Spans.Select(span => Read(record, span)));
    }

    [Fact]
    public void What_waits_is_told_before_anything_is_cut()
    {
        Ingest();
        _store.Receive(Request(new TextSpan(3, 11)));

        var record = Assert.Single(new ForgottenRecords(_store.Store).Read(_store.Store.Manifest.Requests.Targets()).Single().Value);

        Assert.Equal("语 tells ", Read(record, Assert.Single(record.Spans)));
    }

    [Fact]
    public void Whole_texts_have_no_spans()
    {
        Ingest();
        _store.Receive(_store.Request("item-00003"));

        Assert.Empty(Assert.Single(new ForgottenRecords(_store.Store).Read(_store.Store.Manifest.Requests.Targets()).Single().Value).Spans);
    }

    [Fact]
    public void Of_very_many_texts_some_are_told_and_they_are_of_every_shard()
    {
        _store.Ingest(TestRow.Many(400, authors: 40));
        _store.Receive(_store.Request([.. Enumerable.Range(0, 400).Select(i => $"item-{i:00000}")]));

        var records = new ForgottenRecords(_store.Store).Read(_store.Store.Manifest.Requests.Targets()).Single().Value;

        Assert.Equal(ForgottenRecords.MostTexts, records.Count);
        Assert.All(records.CountBy(r => r.Shard), shard => Assert.InRange(shard.Value, 60, 200));
        Assert.Equal(2, records.CountBy(r => r.Shard).Count());
    }

    [Fact]
    public void Neighbours_are_retained_texts_of_the_shard_and_the_same_ones_before_and_after()
    {
        Ingest();
        var shard = _store.PlaceOf("item-00003").Shard;
        var retained = new RetainedRecords(_store.Store);
        var all = retained.Choose(shard, 1000, long.MaxValue);
        var forgotten = Assert.Single(all, features => Encoding.UTF8.GetString(Bytes(features)).Contains("number 3 ", StringComparison.Ordinal));

        _store.Receive(_store.Request("item-00003"));
        var before = retained.Choose(shard, 1000, long.MaxValue);
        _store.Train();

        Assert.Equal(all.Where(features => features != forgotten), before);
        Assert.Equal(before, retained.Choose(shard, 1000, long.MaxValue));
        Assert.Equal(before.Take(3), retained.Choose(shard, 3, long.MaxValue));
        Assert.Equal(before.Take(1), retained.Choose(shard, 1000, 1));
    }

    public void Dispose() => _store.Dispose();

    private void Ingest()
    {
        _store.Ingest([.. TestRow.Many(16), new TestRow("letter", "author-x", "日本の语 tells us 🙂 all")]);
        _store.Train();
    }

    private void Forget(params TextSpan[] spans)
    {
        _store.Receive(Request(spans));
        new Reconciler(_store.Store, _store.Trainer, _meter).BringUpToDate(TimeSpan.Zero);
    }

    private ForgetRequest Request(params TextSpan[] spans) => _store.Request() with { Spans = [.. spans.Select(span => new ItemSpan("letter", span))] };

    private static string Read(ForgottenRecord record, Range span) => Encoding.UTF8.GetString(Bytes(MemoryMarshal.AsBytes(MemoryMarshal.Cast<byte, int>(record.Features)[span])));

    private static byte[] Bytes(ReadOnlySpan<byte> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in MemoryMarshal.Cast<byte, int>(tokens))
        {
            if (token < 256)
            {
                bytes.Add((byte)token);
            }
        }

        return [.. bytes];
    }

    private sealed class Meter : IForgettingMeter
    {
        public void MeasureBefore(IReadOnlyDictionary<long, IReadOnlyList<ForgottenRecord>> requests)
        {
        }

        public Dictionary<long, IReadOnlyList<ForgottenRecord>> Asked { get; } = [];

        public IReadOnlyDictionary<long, ForgettingMeasurements> Measure(IReadOnlyDictionary<long, IReadOnlyList<ForgottenRecord>> requests)
        {
            foreach (var (request, records) in requests)
            {
                Asked.Add(request, records);
            }

            return new Dictionary<long, ForgettingMeasurements>();
        }
    }
}
