using Sisa.Models;
using Sisa.Readers.Recipes;
using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>Keys that the user sets with an inspection. They override the proposal, and the rest follows them.</summary>
internal sealed class GivenKeys
{
    private readonly MapNode _root;

    /// <summary>Reads the keys.</summary>
    /// <param name="overrides">As <c>key=value</c>.</param>
    /// <exception cref="RecipeException">With every fault of a key or a value.</exception>
    public GivenKeys(IReadOnlyList<string> overrides)
    {
        Overrides = overrides;
        (_root, Recipe) = RecipeReader.ReadOverrides(overrides);
    }

    /// <summary>The keys as they were given.</summary>
    public IReadOnlyList<string> Overrides { get; }

    /// <summary>A recipe of the keys and of defaults.</summary>
    public Recipe Recipe { get; }

    /// <summary>Whether the user wants a language model.</summary>
    public bool IsLanguageModel => Recipe.Task == TaskKind.LanguageModel
        || (Has("model.kind") && Recipe.Model is SequenceModelOptions && !Has("task") && !Has("corpus.fields.label") && !Has("labels"));

    /// <summary>Whether the user wants a classifier, be it by the label.</summary>
    public bool IsClassifier => !IsLanguageModel && (Has("task") || Has("corpus.fields.label") || Has("labels"));

    /// <summary>Whether the user wants a table of numbers and categories, not texts.</summary>
    public bool IsTable => Has("features.numbers") || Has("features.categories") || Has("features.vector") || (Has("model.kind") && Recipe.Model is MlpOptions);

    /// <summary>Whether a key, or one below it, was given.</summary>
    /// <param name="path">Its path.</param>
    public bool Has(string path) => _root.Find(path) is not null;
}
