using Sisa.Engine.Stores;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Serving.Tests;

/// <summary>A store in a folder of its own, opened through the library.</summary>
public sealed class LibraryStore : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private int _corpora;

    private LibraryStore()
    {
    }

    /// <summary>The recipe of every store here: the first one pins the process.</summary>
    public static Recipe Recipe { get; } = SmallRecipes.Text(2, 3) with { Numerics = NumericProfile.Portable };

    public List<string> Notices { get; } = [];

    public SisaStore Store { get; private set; } = null!;

    public string Path => _folder["store"];

    public static async Task<LibraryStore> Create(int? key = null, SisaOptions? options = null, Recipe? recipe = null)
    {
        var library = new LibraryStore();
        using (Engine.Stores.Store.Create(library.Path, recipe ?? Recipe, SmallRecipes.Key(key ?? 1), passphrase: string.Empty))
        {
            // It is made with a key of the test's choice, which the library has no need to offer.
        }

        await library.Open(options);
        return library;
    }

    /// <summary>A trained store of so many rows.</summary>
    public static async Task<LibraryStore> Trained(TestRow[] rows, SisaOptions? options = null)
    {
        var library = await Create(options: options);
        await library.Ingest(rows);
        await library.Store.TrainAsync(TestContext.Current.CancellationToken);
        return library;
    }

    public async Task Open(SisaOptions? options = null) => Store = await SisaStore.OpenAsync(Path, (options ?? new SisaOptions()) with { OnNotice = Notices.Add }, TestContext.Current.CancellationToken);

    public Task Ingest(TestRow[] rows) => Store.IngestAsync([TestRow.Write(_folder[$"corpus-{_corpora++}.jsonl"], rows)], cancellationToken: TestContext.Current.CancellationToken);

    public string Beside(string name) => _folder[name];

    /// <summary>Another opening of the store, as another process has it.</summary>
    public Store OpenAsOther() => Engine.Stores.Store.Open(Path);

    /// <summary>How the checkpoints differ from those of a store that never held anything but these rows.</summary>
    public IReadOnlyList<string> Differences(IReadOnlyCollection<TestRow> rows, int? key = null) =>
        StoreAssert.Differences(FromScratch.Checkpoints(Recipe, SmallRecipes.Key(key ?? 1), rows, realTrainer: new Torch.TorchShardTrainer()), StoreFiles.Checkpoints(Path));

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Dispose();
    }
}
