using Sisa.Torch.Native;
using TorchSharp;

namespace Sisa.Torch.Models.Decoders;

/// <summary>Rotary positions (Su et al. 2021): each pair of a head's numbers is turned by an angle that grows with the position.</summary>
/// <remarks>A pair is a number of the first half and the one as far into the second half, as open weights of the Llama family have it. Shapes: N sequences, T
/// positions, H heads, D width of a head. Not thread-safe.</remarks>
internal sealed class RotaryTable : IDisposable
{
    private readonly torch.Tensor _cosines_TD;
    private readonly torch.Tensor _sines_TD;

    /// <summary>Computes the table.</summary>
    /// <param name="positions">Most positions.</param>
    /// <param name="headWidth">Width of a head, even.</param>
    /// <param name="theta">Base of the wave lengths.</param>
    /// <param name="device">Where the model runs.</param>
    public RotaryTable(int positions, int headWidth, double theta, torch.Device device)
    {
        using var scope = torch.NewDisposeScope();

        // In 64 bits, rounded once.
        var exponents_D = torch.tensor([.. Enumerable.Range(0, headWidth / 2).Select(i => -2.0 * i / headWidth)]);
        var rates_D = torch.exp(exponents_D.Times(Math.Log(theta)));
        var angles_TD = torch.outer(torch.tensor([.. Enumerable.Range(0, positions).Select(position => (double)position)]), rates_D);
        _cosines_TD = angles_TD.cos().to_type(torch.float32).to(device).DetachFromDisposeScope();
        _sines_TD = angles_TD.sin().to_type(torch.float32).to(device).DetachFromDisposeScope();
    }

    /// <summary>Turns heads.</summary>
    /// <param name="x_NTHD">Heads of queries or keys.</param>
    /// <param name="from">Position of the first.</param>
    /// <returns>[N, T, H, D], in the current dispose scope.</returns>
    public torch.Tensor Apply(torch.Tensor x_NTHD, long from)
    {
        var (length, half) = (x_NTHD.shape[1], x_NTHD.shape[3] / 2);
        var cosines = _cosines_TD.narrow(0, from, length).view(1, length, 1, half);
        var sines = _sines_TD.narrow(0, from, length).view(1, length, 1, half);
        var (first, second) = (x_NTHD.narrow(3, 0, half), x_NTHD.narrow(3, half, half));
        return torch.cat([(first * cosines).Less(second * sines), (second * cosines).Sum(first * sines)], 3);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cosines_TD.Dispose();
        _sines_TD.Dispose();
    }
}
