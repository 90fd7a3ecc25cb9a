using Sisa.Sharding;

namespace Sisa.Torch.Models;

/// <summary>The places of a constituent's parameters in flat memory: one after the other, each at a multiple of <see cref="Alignment"/> floats.</summary>
/// <remarks>Immutable. The same for values, gradients and optimizer state. The floats between parameters are always zero.</remarks>
internal sealed class ParameterLayout
{
    /// <summary>Parameters begin at multiples of this many floats: one cache line.</summary>
    public const int Alignment = 16;

    private readonly long[] _offsets;

    /// <summary>Lays parameters out.</summary>
    /// <param name="specs">The parameters in order.</param>
    public ParameterLayout(IReadOnlyList<ParameterSpec> specs)
    {
        Specs = specs;
        _offsets = new long[specs.Count];
        for (var i = 0; i < specs.Count; i++)
        {
            _offsets[i] = Length;
            Length += (specs[i].Count + Alignment - 1) / Alignment * Alignment;
        }

        Ranges = [.. RangesOf(specs, _offsets, Length)];
    }

    /// <summary>The parameters in order.</summary>
    public IReadOnlyList<ParameterSpec> Specs { get; }

    /// <summary>Floats of the flat memory.</summary>
    public long Length { get; }

    /// <summary>Neighbouring parameters with the same weight decay, as ranges that together cover the flat memory.</summary>
    public IReadOnlyList<ParameterRange> Ranges { get; }

    /// <summary>First float of a parameter.</summary>
    /// <param name="index">Its index among the specs.</param>
    public long Offset(int index) => _offsets[index];

    /// <summary>The part of flat memory that belongs to one parameter.</summary>
    /// <param name="memory">Flat memory.</param>
    /// <param name="index">Index of the parameter.</param>
    public Span<float> Part(Span<float> memory, int index) => memory.Slice(checked((int)_offsets[index]), checked((int)Specs[index].Count));

    /// <summary>Sets the initial values, each parameter from its own stream (rule E3).</summary>
    /// <param name="values">Flat memory, zero.</param>
    /// <param name="seed">The recipe's seed.</param>
    /// <param name="shard">Number of the shard, or −1 if all shards start from one state.</param>
    public void Initialise(Span<float> values, ulong seed, int shard)
    {
        for (var i = 0; i < Specs.Count; i++)
        {
            var spec = Specs[i];
            var part = Part(values, i);
            if (spec.Start == ParameterStart.Uniform)
            {
                new SeededGenerator(Seeds.Derive(seed, "init/" + spec.Name, shard)).FillUniform(part, (float)spec.Bound);
            }
            else
            {
                part.Fill(spec.Start == ParameterStart.Ones ? 1 : 0);
            }
        }
    }

    private static IEnumerable<ParameterRange> RangesOf(IReadOnlyList<ParameterSpec> specs, long[] offsets, long end)
    {
        var first = 0;
        for (var i = 1; i <= specs.Count; i++)
        {
            if (i == specs.Count || specs[i].Decays != specs[first].Decays)
            {
                yield return new ParameterRange(offsets[first], (i == specs.Count ? end : offsets[i]) - offsets[first], specs[first].Decays);
                first = i;
            }
        }
    }
}

/// <summary>A range of the flat memory of parameters.</summary>
/// <param name="Offset">First float; a multiple of <see cref="ParameterLayout.Alignment"/>.</param>
/// <param name="Length">Floats; a multiple of <see cref="ParameterLayout.Alignment"/>.</param>
/// <param name="Decays">Whether weight decay applies.</param>
internal readonly record struct ParameterRange(long Offset, long Length, bool Decays)
{
    /// <summary>The range of flat memory.</summary>
    /// <param name="flat">Flat memory.</param>
    public Span<float> Of(Span<float> flat) => flat.Slice(checked((int)Offset), checked((int)Length));
}
