using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Planning;

/// <summary>How often the stages of a shard visit an item.</summary>
public interface IVisitCount
{
    /// <summary>Counts the visits of one item.</summary>
    /// <param name="place">Where it lives.</param>
    /// <param name="id">Its UTF-8 id.</param>
    /// <param name="visits">Receives the visits of the stages from the item's own slice on.</param>
    void Count(Placement place, ReadOnlySpan<byte> id, Span<double> visits);
}

/// <summary>Visits in expectation: an item that takes part in the last, partial epoch with probability p counts as p visits.</summary>
/// <param name="schedule">The recipe's stages.</param>
public sealed class ExpectedVisits(StageSchedule schedule) : IVisitCount
{
    /// <inheritdoc/>
    public void Count(Placement place, ReadOnlySpan<byte> id, Span<double> visits) => visits.Fill(schedule.EpochsPerStage);
}

/// <summary>The very visits that training makes: who takes part in a partial epoch is drawn as training draws it.</summary>
/// <remarks>Not thread-safe. A test trains stores and compares.</remarks>
public sealed class ExactVisits : IVisitCount
{
    private readonly EpochLot?[][] _lots;
    private readonly int _whole;

    /// <summary>Prepares the lots of every shard and stage.</summary>
    /// <param name="recipe">Its seed, epochs, shards and slices are read.</param>
    public ExactVisits(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var epochs = new StageSchedule(recipe).Epochs;
        _whole = epochs.Count(fraction => fraction >= 1);
        var stages = Enumerable.Range(1, recipe.Ensemble.Slices).Select(k => new SliceIndex(k)).ToArray();
        _lots =
        [
            .. Enumerable.Range(0, recipe.Ensemble.Shards).Select(shard =>
            {
                var order = new ItemOrder(recipe.Training.Seed, new ShardId(shard));
                return stages.Select(stage => epochs.Count > _whole ? order.Lot(stage, _whole, epochs[_whole]) : null).ToArray();
            }),
        ];
    }

    /// <inheritdoc/>
    public void Count(Placement place, ReadOnlySpan<byte> id, Span<double> visits)
    {
        var lots = _lots[place.Shard.Value].AsSpan(place.Slice.Value - 1);
        for (var i = 0; i < visits.Length; i++)
        {
            visits[i] = _whole + (lots[i]?.Draw(id) is null ? 0 : 1);
        }
    }
}
