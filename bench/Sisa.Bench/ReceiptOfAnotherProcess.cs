using BenchmarkDotNet.Attributes;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Forgetting;
using Sisa.Models;
using Sisa.Serving;
using Sisa.Torch;
using Sisa.Training;

namespace Sisa.Bench;

/// <summary>How long a program that has a store open takes to notice what another process received, and to take it out of service.</summary>
/// <remarks>The other opening records the request and publishes nothing, as a process that dies behind its receipt. Measured is all of it: the receipt, the notice, the publication of the fallback.</remarks>
[InvocationCount(1)]
[IterationCount(100)]
[WarmupCount(5)]
public class ReceiptOfAnotherProcess
{
    private string _folder = null!;
    private SisaStore _program = null!;
    private Store _other = null!;
    private int _next;

    [GlobalSetup]
    public void Prepare()
    {
        _folder = Directory.CreateTempSubdirectory("sisa-bench-").FullName;
        var recipe = new Recipe
        {
            Labels = ["a", "b"],
            Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["id"], Label = "label", Text = ["text"] } },
            Features = new FeatureOptions { Text = new TextFeature(Buckets: 4096, MaxTokens: 32) },
            Model = new TextClassifierOptions { Width = 8 },
            Ensemble = new EnsembleOptions { Shards = 4, Slices = 4 },
            Training = new TrainingOptions { Epochs = 1 },
        };
        var corpus = Path.Combine(_folder, "corpus.jsonl");
        File.WriteAllLines(corpus, Enumerable.Range(0, 1_000).Select(i => $$"""{"id": "item-{{i}}", "text": "the words of item number {{i}}", "label": "{{(i % 2 == 0 ? "a" : "b")}}"}"""));
        var path = Path.Combine(_folder, "store");
        using (var store = Store.Create(path, recipe, passphrase: string.Empty))
        {
            new Engine.Ingesting.Ingestor(store).Ingest([corpus], new Engine.Ingesting.IngestOptions());
            new Reconciler(store, new TorchShardTrainer()).BringUpToDate(TimeSpan.Zero);
        }

        _program = SisaStore.OpenAsync(path).GetAwaiter().GetResult();
        _program.PredictAsync(new Row { ["text"] = "the words" }).GetAwaiter().GetResult();
        _other = Store.Open(path);
    }

    [Benchmark]
    public void From_the_receipt_until_the_fallback_is_served()
    {
        var request = new Forgetter(_other).Receive(ForgetRequest.OfItem($"item-{_next++}")).Recorded!;
        while (_other.Manifest.Requests.Get(request.Number).State == RequestState.Received)
        {
            Thread.Sleep(1);
        }
    }

    [GlobalCleanup]
    public void Free()
    {
        _other.Dispose();
        _program.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(_folder, recursive: true);
    }
}
