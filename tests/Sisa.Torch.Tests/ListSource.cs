using Sisa.Torch.Data;

namespace Sisa.Torch.Tests;

/// <summary>Made-up items as a source of batches.</summary>
internal sealed class ListSource(IReadOnlyList<TestItem> items) : ItemSource
{
    public override ReadOnlySpan<byte> Features(int index) => items[index].Features;

    public override int Label(int index) => items[index].Label;

    public override string Describe(int index) => items[index].Id;
}
