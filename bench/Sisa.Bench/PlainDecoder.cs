using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

// A module disposes of the children that RegisterComponents found.
#pragma warning disable CA2213

namespace Sisa.Bench;

/// <summary>A decoder as somebody writes it by hand with modules: the model of <see cref="DecoderThroughput"/>, without Sisa.</summary>
internal sealed class PlainDecoder : Module<Tensor, Tensor>
{
    private readonly Embedding _embedding;
    private readonly ModuleList<PlainBlock> _blocks;
    private readonly PlainNorm _norm;

    public PlainDecoder(int vocabulary, int layers, int width, int heads, int hidden, int context)
        : base(nameof(PlainDecoder))
    {
        _embedding = Embedding(vocabulary, width);
        _blocks = ModuleList(Enumerable.Range(0, layers).Select(_ => new PlainBlock(width, heads, hidden, context)).ToArray());
        _norm = new PlainNorm(width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        var x = _embedding.call(input);
        foreach (var block in _blocks)
        {
            x = block.call(x);
        }

        return functional.linear(_norm.call(x), _embedding.weight!);
    }
}

internal sealed class PlainNorm : Module<Tensor, Tensor>
{
    private readonly Parameter _gain;

    public PlainNorm(int width)
        : base(nameof(PlainNorm))
    {
        _gain = Parameter(ones(width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => input * rsqrt(input.pow(2).mean([-1], keepdim: true) + 1e-5) * _gain;
}

internal sealed class PlainBlock : Module<Tensor, Tensor>
{
    private readonly PlainNorm _attentionNorm;
    private readonly PlainNorm _feedForwardNorm;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;
    private readonly Linear _gate;
    private readonly Linear _up;
    private readonly Linear _down;
    private readonly Tensor _cosines;
    private readonly Tensor _sines;
    private readonly Tensor _mask;
    private readonly int _heads;
    private readonly int _headWidth;

    public PlainBlock(int width, int heads, int hidden, int context)
        : base(nameof(PlainBlock))
    {
        (_heads, _headWidth) = (heads, width / heads);
        _attentionNorm = new PlainNorm(width);
        _feedForwardNorm = new PlainNorm(width);
        _query = Linear(width, width, hasBias: false);
        _key = Linear(width, width, hasBias: false);
        _value = Linear(width, width, hasBias: false);
        _output = Linear(width, width, hasBias: false);
        _gate = Linear(width, hidden, hasBias: false);
        _up = Linear(width, hidden, hasBias: false);
        _down = Linear(hidden, width, hasBias: false);
        var rates = pow(10_000.0, arange(0, _headWidth, 2).to(float32) / -_headWidth);
        var angles = outer(arange(0, context).to(float32), rates);
        _cosines = cat([angles, angles], -1).cos();
        _sines = cat([angles, angles], -1).sin();
        _mask = full(context, context, float.NegativeInfinity).triu(1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        var x = input + Attend(_attentionNorm.call(input));
        var normed = _feedForwardNorm.call(x);
        return x + _down.call(functional.silu(_gate.call(normed)) * _up.call(normed));
    }

    private Tensor Attend(Tensor x)
    {
        var (batch, length) = (x.shape[0], x.shape[1]);
        Tensor Heads(Tensor projected) => projected.view(batch, length, _heads, _headWidth).transpose(1, 2);
        var q = Rotate(Heads(_query.call(x)));
        var k = Rotate(Heads(_key.call(x)));
        var scores = (q.matmul(k.transpose(-2, -1)) / Math.Sqrt(_headWidth)) + _mask;
        var attended = scores.softmax(-1).matmul(Heads(_value.call(x)));
        return _output.call(attended.transpose(1, 2).reshape(batch, length, -1));
    }

    private Tensor Rotate(Tensor x)
    {
        var half = _headWidth / 2;
        var turned = cat([-x.narrow(-1, half, half), x.narrow(-1, 0, half)], -1);
        return (x * _cosines) + (turned * _sines);
    }
}
