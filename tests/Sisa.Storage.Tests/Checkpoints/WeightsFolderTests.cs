using System.Runtime.InteropServices;
using Sisa.Checkpoints;
using Sisa.Storage.Checkpoints;
using Sisa.TestKit;

namespace Sisa.Storage.Tests.Checkpoints;

public sealed class WeightsFolderTests : IDisposable
{
    private const int Rows = 70_000;

    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("F32", 0x7FC0_0000u, 69_999, "NaN")]
    [InlineData("F32", 0xFF80_0000u, 0, "an infinite number")]
    [InlineData("F16", 0x7C00u, 69_998, "an infinite number")]
    [InlineData("F16", 0xFE01u, 1, "NaN")]
    [InlineData("BF16", 0x7F81u, 65_536, "NaN")]
    [InlineData("BF16", 0xFF80u, 40_000, "an infinite number")]
    public void A_number_that_is_none_is_found_wherever_it_is(string type, uint bits, int element, string found)
    {
        var size = type == "F32" ? 4 : 2;
        var data = new byte[Rows * size];
        MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in bits))[..size].CopyTo(data.AsSpan(element * size));
        Write(type, data);
        using var folder = new WeightsFolder(_folder.Path, ["w.safetensors"]);

        var error = Assert.Throws<StoreException>(() => folder.CheckFinite("w", [Rows]));

        Assert.Contains($"w.safetensors has {found} in 'w' (element {element})", error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Message, Assert.Throws<StoreException>(() => folder.Copy("w", [Rows], new float[Rows])).Message);
    }

    [Theory]
    [InlineData("F32", 0x7F7F_FFFFu)]
    [InlineData("F16", 0x7BFFu)]
    [InlineData("BF16", 0x0001u)]
    public void The_largest_and_the_smallest_numbers_are_numbers(string type, uint bits)
    {
        var size = type == "F32" ? 4 : 2;
        var data = new byte[2 * size];
        MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in bits))[..size].CopyTo(data);
        Write(type, data);
        using var folder = new WeightsFolder(_folder.Path, ["w.safetensors"]);
        var values = new float[2];

        folder.CheckFinite("w", [2]);
        folder.Copy("w", [2], values);

        Assert.True(values[0] > 0);
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string type, byte[] data) => File.WriteAllBytes(
        _folder["w.safetensors"],
        [.. new SafetensorsHeader([new("format", "pt")], [new TensorLayout("w", type, [data.Length / (type == "F32" ? 4 : 2)], 0, data.Length)]).ToBytes(), .. data]);
}
