using System.Text;
using Sisa.Storage.Slices;
using Sisa.Training;

namespace Sisa.Torch.Data;

/// <summary>The items of slices 1 … k of a shard, numbered through, read from their memory-mapped files.</summary>
/// <remarks>Opening a slice verifies it. Holds some twenty bytes an item beside the mappings. Not thread-safe.</remarks>
internal sealed class ShardItems : ItemSource, IDisposable
{
    private readonly List<SliceFile?> _slices = [];
    private readonly List<ReadOnlyMemory<byte>> _ids = [];

    // Where each item lives: number of its slice, and its number there.
    private readonly List<(int Slice, int Index)> _places = [];
    private readonly int _classes;

    /// <summary>Starts without slices.</summary>
    /// <param name="classes">Number of labels that the recipe declares; 0 for items without labels.</param>
    public ShardItems(int classes) => _classes = classes;

    /// <summary>UTF-8 ids, in the order of the numbers.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Ids => _ids;

    /// <summary>Opens slices until the first k are open.</summary>
    /// <param name="slices">The slices of the job.</param>
    /// <param name="count">How many must be open.</param>
    /// <exception cref="StoreException">A slice is damaged, is another one, or holds a label that is not declared.</exception>
    public void OpenUpTo(IReadOnlyList<SliceReference> slices, int count)
    {
        while (_slices.Count < count)
        {
            var reference = slices[_slices.Count];
            if (reference.Path is null)
            {
                _slices.Add(reference.Root.ItemCount == 0
                    ? null
                    : throw new StoreException($"Slice {_slices.Count + 1} of the job has {Counted.Of(reference.Root.ItemCount, "item")} but no file.", $"Run {Step.Recover}."));
                continue;
            }

            var slice = SliceFile.Open(reference.Path, reference.Root);
            _slices.Add(slice);
            for (var i = 0; i < slice.Count; i++)
            {
                CheckLabel(slice, i);
                _ids.Add(slice.Ids[i]);
                _places.Add((_slices.Count - 1, i));
            }
        }
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Features(int index)
    {
        var (slice, place) = _places[index];
        return _slices[slice]!.Features(place);
    }

    /// <inheritdoc/>
    public override int Label(int index)
    {
        var (slice, place) = _places[index];
        return _slices[slice]!.Label(place);
    }

    /// <inheritdoc/>
    public override string Describe(int index) => $"'{Encoding.UTF8.GetString(_ids[index].Span)}'";

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slice in _slices)
        {
            slice?.Dispose();
        }
    }

    private void CheckLabel(SliceFile slice, int index)
    {
        var label = slice.Label(index);
        if (_classes == 0 ? label != -1 : (uint)label >= (uint)_classes)
        {
            throw new StoreException(
                $"Item '{Encoding.UTF8.GetString(slice.Ids[index].Span)}' has label number {label}; the recipe declares {_classes} labels.",
                "The slice was encoded under another recipe. Ingest into a new store.");
        }
    }
}
