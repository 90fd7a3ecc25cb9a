using System.Runtime.InteropServices;
using System.Text;
using Sisa.Corpora;
using Sisa.Models;
using Sisa.Sharding;
using Sisa.Storage.Slices;
using Sisa.Training;

namespace Sisa.Torch.Tests;

/// <summary>One made-up item.</summary>
internal sealed record TestItem(string Id, int Label, byte[] Features);

/// <summary>Items in memory, as slice files take them.</summary>
internal sealed class TestItems(IReadOnlyList<TestItem> items) : IRecordSet
{
    public int Count => items.Count;

    public SliceRecord this[int index]
    {
        get
        {
            var item = items[index];
            var id = Encoding.UTF8.GetBytes(item.Id);
            return new SliceRecord { Id = id, Subject = id, Label = item.Label, Features = item.Features, Text = default };
        }
    }

    /// <summary>Items that a name and a number decide, in the layout of a recipe.</summary>
    public static TestItem[] Make(Recipe recipe, string name, int count) =>
        [.. Enumerable.Range(0, count).Select(i => One(recipe, $"{name}-{i}"))];

    /// <summary>The item that an id decides.</summary>
    public static TestItem One(Recipe recipe, string id)
    {
        var layout = FeatureLayout.Of(recipe);
        var generator = new SeededGenerator(Digest.Of(Encoding.UTF8.GetBytes(id)));
        var label = recipe.Labels.Count == 0 ? -1 : generator.NextInt32(recipe.Labels.Count);
        switch (layout.Kind)
        {
            case FeatureKind.Dense:
                var numbers = new float[layout.Length];
                generator.FillUniform(numbers, 1);
                return new TestItem(id, label, MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray());
            case FeatureKind.Bytes:
                return new TestItem(id, label, [.. Enumerable.Range(0, layout.Length).Select(_ => (byte)generator.NextInt32(256))]);
            default:
                // Some documents are longer than a window.
                var longest = recipe.Task == TaskKind.LanguageModel && recipe.Model is SequenceModelOptions model ? 2 * model.Context : layout.Length;
                var tokens = new int[generator.NextInt32(longest + 1)];
                for (var t = 0; t < tokens.Length; t++)
                {
                    tokens[t] = generator.NextInt32(layout.Vocabulary);
                }

                return new TestItem(id, label, MemoryMarshal.AsBytes(tokens.AsSpan()).ToArray());
        }
    }
}
