namespace Sisa.Torch.Convolutions;

/// <summary>The layout of an image's channels in memory, with zeros around them.</summary>
/// <remarks>
/// A plane is one channel: its rows one behind the other, <see cref="Padding"/> zeros on each side of a row, and rows of zeros above and below. So the pixel that a
/// kernel's place multiplies is always the same distance away, and a whole plane is convolved as one long row. The grid is what such a row gives: H rows of
/// <see cref="RowStride"/> sums, of which the last 2 · padding of each row mean nothing.
/// </remarks>
/// <param name="Height">Rows of the image.</param>
/// <param name="Width">Columns of the image.</param>
/// <param name="Kernel">Side of the kernel, odd.</param>
internal readonly record struct PlaneShape(int Height, int Width, int Kernel)
{
    /// <summary>Zeros on each side.</summary>
    public int Padding => Kernel / 2;

    /// <summary>Floats from one row to the next.</summary>
    public int RowStride => Width + (2 * Padding);

    /// <summary>Sums of a grid, in whole pairs of vectors.</summary>
    public int Grid => checked(((Height * RowStride) + PlaneProducts.Step - 1) / PlaneProducts.Step * PlaneProducts.Step);

    /// <summary>Floats of a plane. Every value that a sum of the grid reads is inside.</summary>
    public int Plane => checked(Grid + (2 * Padding * RowStride) + (2 * Padding));

    /// <summary>First pixel within a plane.</summary>
    public int Origin => (Padding * RowStride) + Padding;

    /// <summary>Distances from a place of the grid to what each weight multiplies there, in the order of a kernel's weights.</summary>
    /// <param name="channels">Planes, one behind the other.</param>
    public int[] Offsets(int channels)
    {
        var offsets = new int[channels * Kernel * Kernel];
        for (var i = 0; i < offsets.Length; i++)
        {
            var (channel, place) = Math.DivRem(i, Kernel * Kernel);
            offsets[i] = checked((channel * Plane) + (place / Kernel * RowStride) + (place % Kernel));
        }

        return offsets;
    }

    /// <summary>Copies channels into planes whose zeros are there already.</summary>
    /// <param name="pixels">[C, H, W].</param>
    /// <param name="planes">[C, plane].</param>
    public void Fill(ReadOnlySpan<float> pixels, Span<float> planes)
    {
        for (var start = 0; pixels.Length > 0; start += Plane)
        {
            for (var row = 0; row < Height; row++, pixels = pixels[Width..])
            {
                pixels[..Width].CopyTo(planes[(start + Origin + (row * RowStride))..]);
            }
        }
    }

    /// <summary>Copies what means something out of grids.</summary>
    /// <param name="grids">[C, grid].</param>
    /// <param name="pixels">[C, H, W]; overwritten.</param>
    public void Take(ReadOnlySpan<float> grids, Span<float> pixels)
    {
        for (var start = 0; pixels.Length > 0; start += Grid)
        {
            for (var row = 0; row < Height; row++, pixels = pixels[Width..])
            {
                grids.Slice(start + (row * RowStride), Width).CopyTo(pixels);
            }
        }
    }
}
