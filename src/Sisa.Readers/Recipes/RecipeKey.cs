using Sisa.Models;
using Sisa.Training;

namespace Sisa.Readers.Recipes;

/// <summary>One key of the recipe: where it stands, what it may be, what it means, and how it enters the record.</summary>
public sealed class RecipeKey
{
    private readonly Func<RecipeNode, Recipe, RecipeFaults, Recipe> _apply;
    private readonly Func<Recipe, WrittenValue?> _write;

    private RecipeKey(string path, string allowed, string meaning, Func<RecipeNode, Recipe, RecipeFaults, Recipe> apply, Func<Recipe, WrittenValue?> write)
    {
        Path = path;
        Allowed = allowed;
        Meaning = meaning;
        _apply = apply;
        _write = write;
    }

    /// <summary>Keys from the root, with dots between.</summary>
    public string Path { get; }

    /// <summary>The allowed values, without a full stop.</summary>
    public string Allowed { get; }

    /// <summary>The meaning, as a sentence.</summary>
    public string Meaning { get; }

    /// <summary>The kind of model that has this key; <see langword="null"/> for a key of every kind.</summary>
    internal string? ModelKind { get; init; }

    /// <summary>Whether a written recipe names the key even where it has its default.</summary>
    internal bool IsAlwaysWritten { get; init; }

    /// <summary>Path of the group that holds the key; empty at the root.</summary>
    internal string Group => Path.LastIndexOf('.') is var dot and >= 0 ? Path[..dot] : string.Empty;

    /// <summary>The last part of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('.') + 1)..];

    /// <summary>Describes a key.</summary>
    /// <typeparam name="T">Type of its value.</typeparam>
    /// <param name="path">Keys from the root, with dots between.</param>
    /// <param name="type">The allowed values.</param>
    /// <param name="meaning">The meaning, as a sentence.</param>
    /// <param name="get">The value in a recipe, or <see langword="null"/> if it is absent.</param>
    /// <param name="set">The recipe with another value.</param>
    internal static RecipeKey Of<T>(string path, RecipeValue<T> type, string meaning, Func<Recipe, object?> get, Func<Recipe, T, Recipe> set) => new(
        path,
        type.Allowed,
        meaning,
        (node, recipe, faults) => type.TryRead(node, path, faults, out var value) ? set(recipe, value) : recipe,
        recipe => get(recipe) is { } value ? type.Write((T)value) : null);

    /// <summary>The same key for one kind of model only: recipes with another one do not have it.</summary>
    /// <param name="kind">The kind.</param>
    internal RecipeKey For(string kind) => new(Path, Allowed, Meaning, _apply, recipe => ModelKinds.Of(recipe.Model).Name == kind ? _write(recipe) : null) { ModelKind = kind };

    /// <summary>The same key, written even where it has its default.</summary>
    internal RecipeKey Always() => new(Path, Allowed, Meaning, _apply, _write) { ModelKind = ModelKind, IsAlwaysWritten = true };

    /// <summary>Reads a value into a recipe.</summary>
    /// <param name="node">The value in the file.</param>
    /// <param name="recipe">The recipe so far.</param>
    /// <param name="faults">Receives what is wrong.</param>
    /// <returns>The recipe with the value; unchanged if that is wrong.</returns>
    internal Recipe Apply(RecipeNode node, Recipe recipe, RecipeFaults faults) => _apply(node, recipe, faults);

    /// <summary>The value of a recipe as the file writes it, or <see langword="null"/> if it is absent.</summary>
    /// <param name="recipe">The recipe.</param>
    internal WrittenValue? Write(Recipe recipe) => _write(recipe);
}

/// <summary>A key that holds other keys.</summary>
/// <param name="Path">Keys from the root, with dots between.</param>
/// <param name="Meaning">The meaning, as a sentence.</param>
/// <param name="IsThere">Whether a recipe has the group.</param>
/// <param name="Add">For a group that may be left out: the recipe with it, at its defaults.</param>
internal sealed record RecipeGroup(string Path, string Meaning, Func<Recipe, bool> IsThere, Func<Recipe, Recipe>? Add = null);
