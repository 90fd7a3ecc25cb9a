namespace Sisa.Torch.Data;

/// <summary>Encoded items by number.</summary>
internal abstract class ItemSource
{
    /// <summary>Encoded features of an item, in the layout of the recipe.</summary>
    /// <param name="index">From 0.</param>
    public abstract ReadOnlySpan<byte> Features(int index);

    /// <summary>Index of the label of an item; −1 where it has none.</summary>
    /// <param name="index">From 0.</param>
    public abstract int Label(int index);

    /// <summary>Names an item, for messages.</summary>
    /// <param name="index">From 0.</param>
    public abstract string Describe(int index);
}
