using Sisa.Models;
using Sisa.Training;

namespace Sisa.Corpora;

/// <summary>The layout of an item's features in memory and in slice files.</summary>
public enum FeatureKind
{
    /// <summary>A fixed number of 32-bit floats, ready for the model.</summary>
    Dense,

    /// <summary>A fixed number of bytes, each v meaning v · <see cref="FeatureLayout.Scale"/> + <see cref="FeatureLayout.Shift"/>.</summary>
    Bytes,

    /// <summary>A variable number of 32-bit token numbers below <see cref="FeatureLayout.Vocabulary"/>.</summary>
    Tokens,
}

/// <summary>The layout of encoded features, a function of the recipe only.</summary>
/// <param name="Kind">Element type.</param>
/// <param name="Length">Elements per item; for tokens the greatest number.</param>
/// <param name="Vocabulary">Tokens: number of token numbers; otherwise 0.</param>
/// <param name="Scale">Bytes: factor.</param>
/// <param name="Shift">Bytes: summand.</param>
public sealed record FeatureLayout(FeatureKind Kind, int Length, int Vocabulary = 0, float Scale = 1, float Shift = 0)
{
    /// <summary>Bytes an item takes, or <see langword="null"/> if it varies.</summary>
    public int? StrideBytes => Kind switch
    {
        FeatureKind.Dense => Length * sizeof(float),
        FeatureKind.Bytes => Length,
        _ => null,
    };

    /// <summary>The layout that a recipe declares.</summary>
    /// <param name="recipe">A valid recipe.</param>
    public static FeatureLayout Of(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var features = recipe.Features;
        if (recipe.Model is SequenceModelOptions model)
        {
            // A language model reads documents of any length, in windows; a head reads one window.
            const int Marks = 2;
            var longest = Marks + (Math.Max(1L, recipe.Corpus.Fields.Text.Count) * (recipe.Corpus.MaxFieldBytes + 1L));
            return new FeatureLayout(FeatureKind.Tokens, recipe.Task == TaskKind.LanguageModel ? (int)Math.Min(longest, int.MaxValue / sizeof(int)) : model.Context, model.Vocabulary);
        }

        if (features.Text is { } text)
        {
            return new FeatureLayout(FeatureKind.Tokens, text.MaxTokens, text.Buckets);
        }

        if (features.Pixels is { } pixels)
        {
            return new FeatureLayout(
                FeatureKind.Bytes,
                pixels.Height * pixels.Width * pixels.Channels,
                Scale: (float)(1 / (255 * pixels.Deviation)),
                Shift: (float)(-pixels.Mean / pixels.Deviation));
        }

        return new FeatureLayout(
            FeatureKind.Dense,
            features.Numbers.Count + (features.Categories?.Buckets ?? 0) + (features.Vector?.Length ?? 0));
    }
}
