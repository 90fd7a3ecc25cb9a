using Sisa.Engine.Publishing;
using Sisa.Readers;
using Sisa.Serving.Answering;
using Sisa.Serving.Bundles;
using Sisa.Serving.Exporting;
using Sisa.TestKit;
using Sisa.Torch;
using Sisa.Training;

namespace Sisa.Serving.Tests;

/// <summary>Answers come from what is served at that moment, by a store or by an export, and from nothing else.</summary>
public sealed class BundleTests : IDisposable
{
    private static readonly TestRow[] Rows = TestRow.Many(24);

    private readonly TestStore _store = new(SmallRecipes.Text(2, 2) with { Numerics = NumericProfile.Portable }) { RealTrainer = new TorchShardTrainer() };
    private readonly string _questions;

    public BundleTests()
    {
        _store.Ingest(Rows);
        _store.Train();
        _questions = _store.Corpus(TestRow.Many(5, from: 100));
    }

    [Fact]
    public void An_export_answers_as_its_store_did_whatever_the_store_forgets_since()
    {
        EnsembleExport.Write(_store.Store, _store.Beside("out"), new HandoutGuide("program", "program answer THIS_FOLDER"));
        using var bundle = new StoreBundle(_store.OpenAgain());
        using var export = new ExportedEnsemble(_store.Beside("out"));
        var served = Ask(bundle);
        Assert.Equal(served, Ask(export));
        Assert.Null(export.Note);

        _store.Forget(Rows[0].Id);

        Assert.Equal(served, Ask(export));
        Assert.NotEqual(served, Ask(bundle));
    }

    [Fact]
    public void An_answerer_that_lives_on_follows_what_is_served()
    {
        using var bundle = new StoreBundle(_store.OpenAgain());
        using var answerer = new Answerer(bundle, bundle.Recipe.Aggregation);
        var batch = Questions(bundle.Recipe);
        answerer.Answer(batch, (_, _, _, _) => { });
        var epoch = answerer.Epoch;

        _store.Forget(Rows[0].Id);
        answerer.Answer(batch, (_, _, _, _) => { });

        Assert.True(answerer.Epoch > epoch);
        Assert.Equal(_store.Store.Manifest.Settings.Epoch, answerer.Epoch);
    }

    [Theory]
    [InlineData("ensemble.json")]
    [InlineData("README.md")]
    [InlineData("shard-000/config.json")]
    public void An_altered_export_is_refused(string file)
    {
        EnsembleExport.Write(_store.Store, _store.Beside("out"), new HandoutGuide("program", "program answer THIS_FOLDER"));
        File.AppendAllText(Path.Combine(_store.Beside("out"), file), " ");

        Assert.Contains(file, Assert.Throws<StoreException>(() => new ExportedEnsemble(_store.Beside("out"))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _store.Dispose();

    private Question[] Questions(Recipe recipe) => [.. CorpusReader.Read(_questions, recipe).Select(Question.Of)];

    private List<float[]> Ask(IBundleSource bundle)
    {
        using var answerer = new Answerer(bundle, bundle.Recipe.Aggregation);
        var answers = new List<float[]>();
        answerer.Answer(Questions(bundle.Recipe), (_, _, joined, _) => answers.Add(joined.ToArray()));
        return answers;
    }
}
