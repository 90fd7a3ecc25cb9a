using Sisa.Forgetting;
using Sisa.Generation;
using Sisa.Serving.Answering;
using Sisa.TestKit;

namespace Sisa.Serving.Tests;

/// <summary>A store of language models as a program of somebody else makes and has it.</summary>
public sealed class LanguageStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_writes_texts_says_what_texts_cost_and_forgets()
    {
        await File.WriteAllTextAsync(_folder["sisa.yaml"], """
            task: language-model
            numerics: portable
            corpus: { fields: { id: id, subject: author, text: text } }
            ensemble: { shards: 2, slices: 2 }
            model: { kind: decoder, layers: 1, width: 16, heads: 2, context: 32 }
            training: { epochs: 1, batchSize: 4, init: shared }
            """, Ending);
        await File.WriteAllLinesAsync(_folder["corpus.jsonl"], TestRow.Many(40).Select(row => $$"""{"id": "{{row.Id}}", "author": "{{row.Author}}", "text": "{{row.Text}}"}"""), Ending);
        await using var store = await SisaStore.CreateAsync(_folder["store"], _folder["sisa.yaml"], cancellationToken: Ending);
        await store.IngestAsync([_folder["corpus.jsonl"]], cancellationToken: Ending);
        await Assert.ThrowsAsync<NotFoundException>(() => store.GenerateAsync("the violin", cancellationToken: Ending));
        await store.TrainAsync(Ending);

        var shown = string.Empty;
        var options = new WritingOptions { MaxTokens = 5, Sampling = new SamplingOptions { Seed = 7 }, OnText = part => shown += part };
        var text = await store.GenerateAsync("the violin", options, Ending);
        Assert.Equal((text.Text, 7ul), (shown, text.Seed));
        Assert.Equal(text, await store.GenerateAsync("the violin", options, Ending) with { Shards = text.Shards });

        var costs = await store.ScoreAsync([new Row { ["text"] = "the violin again" }, new Row { ["text"] = "the violin" }], Ending);
        Assert.True(costs[0] is { Tokens: > 0, Nats: > 0, Perplexity: > 1, BitsPerByte: > 0 });
        Assert.True(costs[1].Nats < costs[0].Nats);
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.PredictAsync(new Row { ["text"] = "the violin" }, Ending));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.GenerateAsync("the violin", new WritingOptions { MaxTokens = 0 }, Ending));

        var receipt = await store.ForgetAsync(ForgetRequest.OfSubject("author-001"), _folder["copy.json"], Ending);
        Assert.True(File.Exists(_folder["copy.json"]));
        Assert.Equal(RequestState.Certified, (await receipt.Completion).Request!.State);
        Assert.True((await store.VerifyAsync(cancellationToken: Ending)).Verified);
        Assert.True((await store.GenerateAsync("the violin", options, Ending)).Epoch > text.Epoch);
        Assert.Equal(2, (await store.ExportAsync(_folder["out"], Ending)).Constituents.Count);
        Assert.Equal("item-00007", Assert.Single((await store.FindTextAsync("number 7 to", cancellationToken: Ending)).Found).Item);
    }

    public void Dispose() => _folder.Dispose();
}
