using Sisa.Torch.Models;

namespace Sisa.Torch.Sequences;

/// <summary>A tensor of an open-weights file that is some rows of a parameter.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Shape">Its shape there.</param>
/// <param name="Parameter">Index of the parameter.</param>
/// <param name="FirstRow">Its first row within the parameter.</param>
internal sealed record OpenWeight(string Name, long[] Shape, int Parameter, long FirstRow)
{
    /// <summary>Number of elements.</summary>
    public long Count { get; } = Shape.Aggregate(1L, (count, dimension) => count * dimension);
}

/// <summary>How the parameters of a decoder are named and divided in open-weights files of the Llama family, as <c>transformers</c> reads and writes them.</summary>
internal static class OpenWeightNames
{
    /// <summary>The tensors of a decoder, in the order of its parameters; together they are all of it.</summary>
    /// <param name="layout">Its parameters.</param>
    public static IReadOnlyList<OpenWeight> Of(DecoderLayout layout)
    {
        var (shape, weights) = (layout.Shape, new List<OpenWeight>());
        Add(weights, layout, layout.Embedding);
        for (var i = 0; i < shape.Layers; i++)
        {
            var block = layout[i];
            var name = ParameterList.Numbered("model.layers", i);
            long[] heads = [shape.Heads * (long)shape.HeadWidth, shape.KeyValueHeads * (long)shape.HeadWidth, shape.KeyValueHeads * (long)shape.HeadWidth];
            string[] attention = [name + ".self_attn.q_proj", name + ".self_attn.k_proj", name + ".self_attn.v_proj"];
            Add(weights, layout, block.AttentionNorm);
            Divide(weights, block.QueryKeyValue, attention, ".weight", heads, shape.Width);
            if (block.QueryKeyValueBias >= 0)
            {
                Divide(weights, block.QueryKeyValueBias, attention, ".bias", heads, null);
            }

            Add(weights, layout, block.AttentionOutput);
            Add(weights, layout, block.FeedForwardNorm);
            Divide(weights, block.GateUp, [name + ".mlp.gate_proj", name + ".mlp.up_proj"], ".weight", [shape.Hidden, shape.Hidden], shape.Width);
            Add(weights, layout, block.Down);
        }

        Add(weights, layout, layout.FinalNorm);
        if (layout.Head != layout.Embedding)
        {
            Add(weights, layout, layout.Head);
        }

        return weights;
    }

    private static void Add(List<OpenWeight> weights, DecoderLayout layout, int parameter) =>
        weights.Add(new OpenWeight(layout.Specs[parameter].Name, layout.Specs[parameter].Shape, parameter, 0));

    private static void Divide(List<OpenWeight> weights, int parameter, string[] names, string suffix, long[] rows, long? columns)
    {
        long first = 0;
        for (var i = 0; i < names.Length; i++)
        {
            weights.Add(new OpenWeight(names[i] + suffix, columns is { } width ? [rows[i], width] : [rows[i]], parameter, first));
            first += rows[i];
        }
    }
}
