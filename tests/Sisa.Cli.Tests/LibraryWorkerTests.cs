using Sisa.Engine.Training.Launching;
using Sisa.Forgetting;
using Sisa.Serving;
using Sisa.TestKit;

namespace Sisa.Cli.Tests;

/// <summary>A store of the library whose workers are the program <c>sisa</c>.</summary>
public sealed class LibraryWorkerTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Workers_train_what_this_process_would_have_trained()
    {
        _sisa.Write("sisa.yaml", """
            corpus: { fields: { id: id, subject: author, text: text, label: label } }
            labels: [red, green, blue]
            ensemble: { shards: 2, slices: 2 }
            model: { kind: text-classifier, width: 8 }
            features: { text: { buckets: 4096, maxTokens: 32 } }
            training: { epochs: 1, batchSize: 8 }
            """);
        _sisa.Write("corpus.jsonl", string.Concat(TestRow.Many(40).Select(row => row.ToJson() + "\n")));
        var options = new SisaOptions { Workers = 2, Worker = new WorkerCommand(SisaCommand.Program, []) };
        await using (var store = await SisaStore.CreateAsync(_sisa["shards"], _sisa["sisa.yaml"], options, Ending))
        {
            await store.IngestAsync([_sisa["corpus.jsonl"]], cancellationToken: Ending);
            Assert.Equal(4, (await store.TrainAsync(Ending)).Stages);
            var receipt = await store.ForgetAsync(ForgetRequest.OfSubject("author-002"), cancellationToken: Ending);
            Assert.Equal(RequestState.Certified, (await receipt.Completion).Request!.State);
        }

        // In a process of its own, one shard after another.
        _sisa.Run("verify", "--rerun", "--workers", "1").Expect(ExitCode.Done);
    }

    public void Dispose() => _sisa.Dispose();
}
