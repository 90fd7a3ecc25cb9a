using Sisa.Planning;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Benchmarks.Counting;

/// <summary>The places of all items in one cell of the grid, and the visits of each stage: requests are priced without training.</summary>
/// <remarks>The counts are those that training then makes, to the visit: who takes part in a partial epoch is drawn as training draws it. Not thread-safe.</remarks>
public sealed class CellAccount
{
    private readonly Population _population;
    private readonly int _workers;
    private readonly RetrainingLedger _ledger;
    private readonly Dictionary<Placement, int> _sliceItems;
    private readonly Placement[][] _places;

    /// <summary>Enters every item.</summary>
    /// <param name="population">The population.</param>
    /// <param name="recipe">Recipe of the cell.</param>
    /// <param name="key">The assignment key κ.</param>
    /// <param name="riskOf">Risk class of a subject, where the recipe declares classes.</param>
    /// <param name="usesOwnPlaces">Whether items keep their places of the user's store.</param>
    /// <param name="workers">Worker processes that share the shards.</param>
    public CellAccount(Population population, Recipe recipe, AssignmentKey key, Func<string, string>? riskOf, bool usesOwnPlaces, int workers)
    {
        ArgumentNullException.ThrowIfNull(population);
        ArgumentNullException.ThrowIfNull(recipe);
        _population = population;
        _workers = workers;
        _ledger = new RetrainingLedger(recipe.Ensemble.Shards, recipe.Ensemble.Slices, new ExactVisits(recipe));
        _sliceItems = [];
        using var assignment = new ShardManager(key, recipe.Ensemble);
        _places = [.. population.Requesters.Select(r => Place(r, usesOwnPlaces ? null : assignment.Assign(r.Subject, riskOf?.Invoke(r.Subject))))];
        for (var i = 0; i < _places.Length; i++)
        {
            for (var j = 0; j < _places[i].Length; j++)
            {
                _ledger.Add(_places[i][j], population.Requesters[i].Items[j].Id);
                _sliceItems[_places[i][j]] = _sliceItems.GetValueOrDefault(_places[i][j]) + 1;
            }
        }

        Items = population.Items;
    }

    private CellAccount(CellAccount other)
    {
        (_population, _workers, _places, Items) = (other._population, other._workers, other._places, other.Items);
        _ledger = other._ledger.Copy();
        _sliceItems = new Dictionary<Placement, int>(other._sliceItems);
    }

    /// <summary>Items that are retained.</summary>
    public int Items { get; private set; }

    /// <summary>Visits of training everything that is retained from scratch.</summary>
    public double FullVisits => _ledger.FullVisits;

    /// <summary>The same account, to be changed apart from this one.</summary>
    public CellAccount Copy() => new(this);

    /// <summary>Places of a requester's items.</summary>
    /// <param name="requester">Number of the requester.</param>
    public IReadOnlyList<Placement> PlacesOf(int requester) => _places[requester];

    /// <summary>Strikes all items of a requester. No requester is struck twice.</summary>
    /// <param name="requester">Number of the requester.</param>
    public void Strike(int requester)
    {
        for (var j = 0; j < _places[requester].Length; j++)
        {
            var place = _places[requester][j];
            _ledger.Remove(place, _population.Requesters[requester].Items[j].Id);
            _sliceItems[place]--;
            Items--;
        }
    }

    /// <summary>One retraining after some were struck.</summary>
    /// <param name="touched">Places whose items changed; repetitions do no harm.</param>
    public ForgettingWork Retrain(IReadOnlyCollection<Placement> touched)
    {
        RetrainingWork[] shards = [.. touched.GroupBy(place => place.Shard).Select(shard => _ledger.Retrain(shard)).OrderByDescending(work => work.Visits)];
        var loads = new (double Visits, double Stages)[_workers];
        foreach (var shard in shards)
        {
            var least = Array.IndexOf(loads, loads.MinBy(load => load.Visits));
            loads[least] = (loads[least].Visits + shard.Visits, loads[least].Stages + shard.Stages);
        }

        var busiest = loads.MaxBy(load => load.Visits);
        return new ForgettingWork
        {
            Retrainings = 1,
            Shards = shards.Length,
            Stages = shards.Sum(shard => shard.Stages),
            Visits = shards.Sum(shard => shard.Visits),
            BusiestVisits = busiest.Visits,
            BusiestStages = busiest.Stages,
            ItemsRewritten = touched.Distinct().Sum(place => _sliceItems[place]),
        };
    }

    private static Placement[] Place(Requester requester, Placement? place) =>
        [.. requester.Items.Select(item => place ?? item.Place ?? throw new ArgumentException($"An item of {requester.Subject} has no place.", nameof(requester)))];
}
