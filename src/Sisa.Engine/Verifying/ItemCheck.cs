using System.Text;
using Sisa.Sharding;
using Sisa.Storage.Slices;
using Sisa.Training;

namespace Sisa.Engine.Verifying;

/// <summary>Checks the content and the place of slice records against the assignment key.</summary>
/// <param name="recipe">The recipe.</param>
/// <param name="key">The assignment key κ.</param>
internal sealed class ItemCheck(Recipe recipe, AssignmentKey key) : IDisposable
{
    private readonly IReadOnlyList<string> _classes = recipe.Ensemble.RiskClassNames;
    private readonly ShardManager _assignment = new(key, recipe.Ensemble);

    /// <summary>Faults of a record; empty if there are none.</summary>
    /// <param name="place">Its place.</param>
    /// <param name="file">Its slice.</param>
    /// <param name="index">Its number in it.</param>
    public IEnumerable<string> Faults(Placement place, SliceFile file, int index)
    {
        if (file[index].Leaf(key.LeafBytes) != file.Leaf(index))
        {
            yield return $"Item {index + 1} of {place} has content that does not match its leaf.";
        }

        if (!BelongsTo(file[index], place))
        {
            yield return $"Item {index + 1} of {place} has another place by the assignment key.";
        }
    }

    /// <summary>The risk class of a record; <see langword="null"/> for none.</summary>
    public string? ClassOf(SliceRecord record) => record.RiskClass >= 0 && record.RiskClass < _classes.Count ? _classes[record.RiskClass] : null;

    public void Dispose() => _assignment.Dispose();

    // The batch is not kept, so that under by-batch the slice is what the manifest says; the shard follows from the key all the same.
    private bool BelongsTo(SliceRecord record, Placement place)
    {
        try
        {
            var (shard, slice) = _assignment.Find(Encoding.UTF8.GetString(record.Subject), ClassOf(record));
            return shard == place.Shard && (slice is null || slice == place.Slice);
        }
        catch (CorpusException)
        {
            // A class that the recipe does not declare.
            return false;
        }
    }
}
