using Sisa.Sharding;
using Sisa.Torch.Data;
using Sisa.Training;

namespace Sisa.Torch;

/// <summary>Which items a stage visits, in which order, in batches of which size: a function of the recipe and the items of slices
/// 1 … k only (rules E2 and E4).</summary>
internal sealed class StageOrder
{
    private readonly ItemOrder _order;
    private readonly IReadOnlyList<double> _fractions;
    private readonly SliceIndex _stage;
    private readonly ShardItems _items;
    private readonly int[]? _partial;

    /// <summary>Counts the steps of a stage.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="items">Exactly the items of slices 1 … stage.</param>
    /// <param name="steps">Divides epochs into steps.</param>
    public StageOrder(Recipe recipe, ShardId shard, SliceIndex stage, ShardItems items, StepPlan steps)
    {
        (_stage, _items) = (stage, items);
        _order = new ItemOrder(recipe.Training.Seed, shard);
        _fractions = new StageSchedule(recipe).Epochs;
        for (var epoch = 0; epoch < _fractions.Count; epoch++)
        {
            var count = items.Ids.Count;
            if (_fractions[epoch] < 1)
            {
                // How many take part in the last, partial epoch is known by asking; it must be known before the first step.
                _partial = _order.Epoch(stage, epoch, _fractions[epoch], items.Ids);
                count = _partial.Length;
            }

            var number = epoch;
            StepCount += steps.Count(items, count, () => _fractions[number] < 1 ? _partial! : _order.Epoch(stage, number, _fractions[number], items.Ids));
            Visits += count;
        }
    }

    /// <summary>Steps of the stage, over all its epochs.</summary>
    public int StepCount { get; }

    /// <summary>Items × epochs of the stage.</summary>
    public long Visits { get; }

    /// <summary>The epochs: numbers of items in training order; none is empty.</summary>
    public IEnumerable<int[]> Epochs()
    {
        for (var epoch = 0; epoch < _fractions.Count; epoch++)
        {
            var order = _fractions[epoch] < 1 ? _partial! : _order.Epoch(_stage, epoch, _fractions[epoch], _items.Ids);
            if (order.Length > 0)
            {
                yield return order;
            }
        }
    }
}
