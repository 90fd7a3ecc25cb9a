using Sisa.Models;

namespace Sisa.Torch.Tests.Sequences;

/// <summary>A decoder of the Llama family in plain loops of 64-bit numbers, over weights named as open-weights files name them: what the tensors are compared with.</summary>
/// <param name="shape">Sizes.</param>
/// <param name="weights">Row-major tensors by name.</param>
internal sealed class NaiveDecoder(DecoderShape shape, IReadOnlyDictionary<string, float[]> weights)
{
    /// <summary>Logits of every position of one text.</summary>
    public double[][] Logits(IReadOnlyList<int> tokens)
    {
        double[][] x = [.. tokens.Select(token => weights["model.embed_tokens.weight"].Skip(token * shape.Width).Take(shape.Width).Select(value => (double)value).ToArray())];
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var name = $"model.layers.{layer}";
            double[][] attended = Attend(name, [.. x.Select(row => Norm(row, name + ".input_layernorm"))]);
            x = [.. x.Zip(attended, Sum)];
            x = [.. x.Select(row => Sum(row, FeedForward(name, Norm(row, name + ".post_attention_layernorm"))))];
        }

        var head = shape.TieEmbeddings ? "model.embed_tokens" : "lm_head";
        return [.. x.Select(row => Linear(head, Norm(row, "model.norm"), shape.Vocabulary))];
    }

    private double[][] Attend(string name, double[][] x)
    {
        double[][] Heads(string projection, int heads, bool turned) => [.. x.SelectMany((row, position) =>
            Linear($"{name}.self_attn.{projection}", row, heads * shape.HeadWidth).Chunk(shape.HeadWidth).Select(head => turned ? Turn(head, position) : head))];
        var q = Heads("q_proj", shape.Heads, turned: true);
        var k = Heads("k_proj", shape.KeyValueHeads, turned: true);
        var v = Heads("v_proj", shape.KeyValueHeads, turned: false);
        return [.. x.Select((_, t) =>
        {
            var joined = new List<double>();
            for (var head = 0; head < shape.Heads; head++)
            {
                var shared = head / (shape.Heads / shape.KeyValueHeads);
                double[] scores = [.. Enumerable.Range(0, t + 1).Select(u => Dot(q[(t * shape.Heads) + head], k[(u * shape.KeyValueHeads) + shared]) / Math.Sqrt(shape.HeadWidth))];
                double[] shares = [.. scores.Select(score => Math.Exp(score - scores.Max()))];
                for (var d = 0; d < shape.HeadWidth; d++)
                {
                    joined.Add(shares.Select((share, u) => share * v[(u * shape.KeyValueHeads) + shared][d]).Sum() / shares.Sum());
                }
            }

            return Linear(name + ".self_attn.o_proj", [.. joined], shape.Width);
        })];
    }

    private double[] FeedForward(string name, double[] x)
    {
        var gate = Linear(name + ".mlp.gate_proj", x, shape.Hidden);
        var up = Linear(name + ".mlp.up_proj", x, shape.Hidden);
        return Linear(name + ".mlp.down_proj", [.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u)], shape.Width);
    }

    private double[] Turn(double[] head, int position)
    {
        var half = head.Length / 2;
        var turned = new double[head.Length];
        for (var i = 0; i < half; i++)
        {
            var angle = position * Math.Pow(shape.RopeTheta, -2.0 * i / head.Length);
            turned[i] = (head[i] * Math.Cos(angle)) - (head[i + half] * Math.Sin(angle));
            turned[i + half] = (head[i + half] * Math.Cos(angle)) + (head[i] * Math.Sin(angle));
        }

        return turned;
    }

    private double[] Norm(double[] x, string name)
    {
        var root = Math.Sqrt((x.Sum(value => value * value) / x.Length) + shape.NormEpsilon);
        return [.. x.Select((value, i) => value / root * weights[name + ".weight"][i])];
    }

    private double[] Linear(string name, double[] x, int outputs)
    {
        var weight = weights[name + ".weight"];
        var bias = weights.GetValueOrDefault(name + ".bias");
        return [.. Enumerable.Range(0, outputs).Select(o => x.Select((value, i) => value * weight[(o * x.Length) + i]).Sum() + (bias?[o] ?? 0))];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];
}
