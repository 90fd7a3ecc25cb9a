using System.Collections.Immutable;
using Sisa.Models;
using Sisa.Training;

namespace Sisa.Readers.Recipes.Models;

/// <summary>The recipe keys of one kind of model: their rules, and when it is the default model.</summary>
/// <remarks>Immutable and thread-safe. Reading, <c>--set</c>, messages, writing and the printed recipe follow.</remarks>
public abstract class ModelKeys
{
    private static ImmutableArray<ModelKeys> _all = [];

    /// <summary>Describes the keys of a kind.</summary>
    /// <param name="kind">The kind.</param>
    private protected ModelKeys(ModelKind kind) => Kind = kind;

    /// <summary>The kinds that Sisa brings. A kind without its keys does not compile.</summary>
    internal static EveryKind<ModelKeys> BuiltIn { get; } = new()
    {
        Mlp = Add(new MlpKeys()),
        Cnn = Add(new CnnKeys()),
        TextClassifier = Add(new TextClassifierKeys()),
        Decoder = Add(new DecoderKeys()),
        Adapter = Add(new AdapterKeys()),
    };

    /// <summary>Every kind that recipes may name, in the order of the printed recipe.</summary>
    public static ImmutableArray<ModelKeys> All => _all;

    /// <summary>The kind.</summary>
    public ModelKind Kind { get; }

    /// <summary>The keys of <c>model</c> in the file's order, without <c>model.kind</c>.</summary>
    public abstract IReadOnlyList<RecipeKey> Keys { get; }

    /// <summary>A model with a value for every key: what the printed recipe shows where a key has no default. It need not hold together.</summary>
    public virtual ModelOptions Shown => Kind.Default;

    /// <summary>Registers the keys of a kind; belongs before the first recipe is read.</summary>
    /// <param name="keys">The keys.</param>
    /// <returns>The same.</returns>
    /// <exception cref="ArgumentException">The kind has keys already.</exception>
    public static ModelKeys Add(ModelKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ImmutableInterlocked.Update(ref _all, all => all.Any(known => known.Kind == keys.Kind)
            ? throw new ArgumentException($"The keys of the kind of model '{keys.Kind.Name}' are already registered.", nameof(keys))
            : all.Add(keys));
        return keys;
    }

    /// <summary>Whether this is the model of a recipe that names none. One kind at most says so of a recipe.</summary>
    /// <param name="recipe">The recipe with every key but those of its model.</param>
    public virtual bool IsDefaultFor(Recipe recipe) => false;

    /// <summary>Checks what must hold between the keys of the model, and between them and the rest of the recipe.</summary>
    /// <param name="recipe">A recipe whose model is of this kind, with every default filled in.</param>
    /// <param name="faults">The faults so far; receives more.</param>
    public abstract void Check(Recipe recipe, RecipeFaults faults);

    /// <summary>The kind of a name, or <see langword="null"/>.</summary>
    /// <param name="name">The name.</param>
    internal static ModelKeys? Named(string? name) => All.FirstOrDefault(keys => keys.Kind.Name == name);

    /// <summary>The keys of a model.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="NotSupportedException">Its kind has no keys.</exception>
    internal static ModelKeys Of(ModelOptions model) => Named(ModelKinds.Of(model).Name) ?? throw new NotSupportedException($"Recipes have no keys for the model {model.GetType().Name}.");
}

/// <summary>The keys of a kind of model, by its options.</summary>
/// <typeparam name="T">The options.</typeparam>
/// <param name="kind">The kind, which <see cref="ModelKinds"/> holds.</param>
public abstract class ModelKeys<T>(ModelKind kind) : ModelKeys(kind)
    where T : ModelOptions, new()
{
    /// <inheritdoc/>
    public sealed override void Check(Recipe recipe, RecipeFaults faults)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        Check((T)recipe.Model, recipe, faults);
    }

    /// <summary>Checks what must hold between the keys of the model, and between them and the rest of the recipe.</summary>
    /// <param name="model">The model.</param>
    /// <param name="recipe">Its recipe, with every default filled in.</param>
    /// <param name="faults">The faults so far; receives more.</param>
    protected abstract void Check(T model, Recipe recipe, RecipeFaults faults);

    /// <summary>Describes a key.</summary>
    /// <typeparam name="TValue">Type of its value.</typeparam>
    /// <param name="name">The key, without <c>model.</c>.</param>
    /// <param name="type">The allowed values.</param>
    /// <param name="meaning">The meaning, as a sentence.</param>
    /// <param name="get">The value in a model, or <see langword="null"/> if it is absent.</param>
    /// <param name="set">The model with another value.</param>
    protected RecipeKey Key<TValue>(string name, RecipeValue<TValue> type, string meaning, Func<T, object?> get, Func<T, TValue, T> set) => RecipeKey.Of(
        $"model.{name}",
        type,
        meaning,
        recipe => recipe.Model is T model ? get(model) : null,
        (recipe, value) => recipe with { Model = set((T)recipe.Model, value) }).For(Kind.Name);
}
