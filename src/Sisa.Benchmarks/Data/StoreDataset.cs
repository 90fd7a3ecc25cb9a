using System.Text;
using Sisa.Benchmarks.Counting;
using Sisa.Benchmarks.Designs;
using Sisa.Engine.Stores;
using Sisa.Training;

namespace Sisa.Benchmarks.Data;

/// <summary>The items of a store of the user's, whose manifest is read and nothing changed.</summary>
/// <remarks>For the store's own S and R, the places are those of the manifest. In the cells of the grid, its subjects are assigned with its own key, without its risk classes and batches.</remarks>
public sealed class StoreDataset : CostDataset
{
    private readonly Recipe _recipe;

    private StoreDataset(Recipe recipe) => _recipe = recipe;

    /// <summary>Folder of the store, absolute.</summary>
    public required string Folder { get; init; }

    /// <summary>Reads the manifest of a store.</summary>
    /// <param name="folder">Folder of the store.</param>
    /// <param name="design">The study.</param>
    /// <exception cref="StoreException">The store has fewer than two subjects.</exception>
    public static StoreDataset Read(string folder, CostDesign design)
    {
        ArgumentNullException.ThrowIfNull(design);
        using var store = Store.Open(folder);
        Requester[] requesters =
        [
            .. store.Manifest.Items.InPlaceOrder()
                .GroupBy(item => item.Subject, item => new OwnedItem(Encoding.UTF8.GetBytes(item.Id), item.Place), StringComparer.Ordinal)
                .OrderBy(subject => subject.Key, StringComparer.Ordinal)
                .Select(subject => new Requester(subject.Key, [.. subject])),
        ];
        if (requesters.Length < 2)
        {
            throw new StoreException($"The store in {store.Layout.Root} has {Counted.Of(requesters.Length, "subject")}; a study of requests needs at least 2.", "Ingest a corpus first.");
        }

        var bytes = store.Manifest.Slices.All().Where(slice => slice.File is not null).Sum(slice => new FileInfo(store.Layout.Absolute(slice.File!)).Length);
        return new StoreDataset(store.Recipe)
        {
            Name = store.Recipe.Name,
            Folder = store.Layout.Root,
            Population = new Population(requesters, design.Seed, design.FrequentShare),
            PopulationName = store.Recipe.Name,
            Key = store.Key,
            SliceBytesPerItem = (double)bytes / requesters.Sum(r => r.Items.Count),
        };
    }

    /// <summary>The cell that the store itself is.</summary>
    public GridCell OwnCell => new(_recipe.Ensemble.Shards, _recipe.Ensemble.Slices, ShardingRule.OwnStore);

    /// <inheritdoc/>
    public override IEnumerable<GridCell> Cells(CostDesign design)
    {
        ArgumentNullException.ThrowIfNull(design);
        return design.Cells.Prepend(OwnCell);
    }

    /// <inheritdoc/>
    public override Recipe RecipeOf(GridCell cell, CostDesign design) =>
        cell.Rule == ShardingRule.OwnStore ? _recipe : _recipe with { Ensemble = EnsembleOf(cell, design) };
}
