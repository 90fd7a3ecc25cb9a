using Sisa.Sharding;

namespace Sisa.Planning;

/// <summary>The cost of retraining some shards.</summary>
/// <param name="Shards">Shards that are trained again.</param>
/// <param name="Stages">Stages that are trained again, and checkpoints written.</param>
/// <param name="Visits">Items × epochs of these stages.</param>
public readonly record struct RetrainingWork(int Shards, int Stages, double Visits)
{
    /// <summary>Both together.</summary>
    /// <param name="other">More work.</param>
    public RetrainingWork Plus(RetrainingWork other) => new(Shards + other.Shards, Stages + other.Stages, Visits + other.Visits);
}

/// <summary>Keeps account of what every stage of an ensemble visits, so that any sequence of requests can be priced without training anything.</summary>
/// <remarks>
/// Stage k of a shard visits the items of slices 1 … k. To forget items, they leave the account, and each shard that held one is trained again from the slice of the first
/// of them (Bourtoule et al. 2021, section IV). What an item adds to a stage is <see cref="IVisitCount"/>'s affair: an expectation, or the very number that training comes to.
/// Not thread-safe.
/// </remarks>
public sealed class RetrainingLedger
{
    private readonly IVisitCount _count;
    private readonly double[][] _visits;
    private readonly double[] _ofItem;

    /// <summary>Opens an account without items.</summary>
    /// <param name="shards">Number of shards S.</param>
    /// <param name="slices">Number of slices R.</param>
    /// <param name="count">How often a stage visits an item.</param>
    public RetrainingLedger(int shards, int slices, IVisitCount count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(slices, 1);
        _count = count;
        _visits = [.. Enumerable.Range(0, shards).Select(_ => new double[slices])];
        _ofItem = new double[slices];
    }

    private RetrainingLedger(RetrainingLedger other)
    {
        _count = other._count;
        _visits = [.. other._visits.Select(v => v.ToArray())];
        _ofItem = new double[other._ofItem.Length];
    }

    /// <summary>Visits of training everything as it is now from scratch.</summary>
    public double FullVisits => _visits.Sum(v => v.Sum());

    /// <summary>Visits of one stage as the items are now.</summary>
    /// <param name="place">Shard and stage.</param>
    public double VisitsOf(Placement place) => _visits[place.Shard.Value][place.Slice.Value - 1];

    /// <summary>The same account, to be changed apart from this one.</summary>
    public RetrainingLedger Copy() => new(this);

    /// <summary>Enters an item.</summary>
    /// <param name="place">Where it lives.</param>
    /// <param name="id">Its UTF-8 id.</param>
    public void Add(Placement place, ReadOnlySpan<byte> id) => Enter(place, id, 1);

    /// <summary>Strikes an item that was entered.</summary>
    /// <param name="place">Where it lives.</param>
    /// <param name="id">Its UTF-8 id.</param>
    public void Remove(Placement place, ReadOnlySpan<byte> id) => Enter(place, id, -1);

    /// <summary>Enters a number of items for accounts in expectation, where all items of a place count the same.</summary>
    /// <param name="place">Where they live.</param>
    /// <param name="items">How many; may be 0.</param>
    public void Add(Placement place, long items) => Enter(place, default, items);

    /// <summary>Strikes items of which only the number is known.</summary>
    /// <param name="place">Where they live.</param>
    /// <param name="items">How many; may be 0.</param>
    public void Remove(Placement place, long items) => Enter(place, default, -items);

    /// <summary>The cost of retraining every stage that saw items of these slices, with the current items: remove the forgotten items first.</summary>
    /// <param name="touched">Places whose items changed; repetitions do no harm.</param>
    public RetrainingWork Retrain(IEnumerable<Placement> touched)
    {
        ArgumentNullException.ThrowIfNull(touched);
        var work = default(RetrainingWork);
        foreach (var shard in touched.GroupBy(place => place.Shard))
        {
            var first = shard.Min(place => place.Slice.Value) - 1;
            var stages = _visits[shard.Key.Value].AsSpan(first);
            double visits = 0;
            foreach (var stage in stages)
            {
                visits += stage;
            }

            work = work.Plus(new RetrainingWork(1, stages.Length, visits));
        }

        return work;
    }

    private void Enter(Placement place, ReadOnlySpan<byte> id, double sign)
    {
        var stages = _visits[place.Shard.Value].AsSpan(place.Slice.Value - 1);
        var visits = _ofItem.AsSpan(0, stages.Length);
        _count.Count(place, id, visits);
        for (var i = 0; i < stages.Length; i++)
        {
            stages[i] += sign * visits[i];
        }
    }
}
