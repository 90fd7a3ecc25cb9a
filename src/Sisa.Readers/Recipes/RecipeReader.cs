using System.Text;
using Sisa.Corpora;
using Sisa.Models;
using Sisa.Readers.Recipes.Models;
using Sisa.Training;

namespace Sisa.Readers.Recipes;

/// <summary>Reads <c>sisa.yaml</c>.</summary>
public static class RecipeReader
{
    /// <summary>Reads a recipe from a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">Values that replace the file's: <c>key=value</c> with the key's path, as in <c>training.epochs=8</c>.</param>
    /// <param name="isBaseGiven">Whether the folder of the model's files is named apart from the recipe, which then need not name it.</param>
    /// <exception cref="RecipeException">With every fault of the file at once.</exception>
    public static Recipe Read(string path, IEnumerable<string>? overrides = null, bool isBaseGiven = false)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw new RecipeException([$"{path} is a directory, expected a file."], "Name the recipe, usually sisa.yaml.");
            }

            using var file = File.OpenRead(path);
            var buffer = new byte[RecipeLimits.MaxFileBytes + 1];
            var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            if (length > RecipeLimits.MaxFileBytes)
            {
                throw new RecipeException([$"{path} is longer than {RecipeLimits.MaxFileBytes} bytes, which is too long for a recipe."], "Check that this file is the recipe and not the data.");
            }

            return Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(buffer, 0, length), overrides, isBaseGiven);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RecipeException([$"There is no file {path}."], $"Write one with {Step.WriteRecipe}, or with {Step.InspectData}.");
        }
        catch (DecoderFallbackException)
        {
            throw new RecipeException([$"{path} is not valid UTF-8."], "Save the recipe as UTF-8.");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException or ArgumentException)
        {
            throw new RecipeException([$"{path} cannot be read: {PlainReason.Of(e)}."], "Check the path and your permission to read it.");
        }
    }

    /// <summary>Reads a recipe from its text.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="overrides">Values that replace the text's; see <see cref="Read"/>.</param>
    /// <param name="isBaseGiven">See <see cref="Read"/>.</param>
    /// <exception cref="RecipeException">With every fault at once.</exception>
    public static Recipe Parse(string yaml, IEnumerable<string>? overrides = null, bool isBaseGiven = false)
    {
        var faults = new RecipeFaults();
        var root = RecipeTree.Read(yaml.StartsWith('\uFEFF') ? yaml[1..] : yaml, faults);
        foreach (var change in overrides ?? [])
        {
            Override(root, change, faults);
        }

        var recipe = Resolve(root, faults);
        if (isBaseGiven)
        {
            recipe = recipe with { Model = WithBase(recipe.Model, faults) };
        }

        CheckKeys(root, string.Empty, recipe, faults);
        RecipeRules.Check(recipe, faults);
        faults.Throw();
        return recipe;
    }

    /// <summary>Reads only overrides, for a recipe that will be proposed.</summary>
    /// <param name="overrides">See <see cref="Read"/>.</param>
    /// <returns>The keys, and a recipe of them and of defaults; what must hold between keys is not checked.</returns>
    /// <exception cref="RecipeException">With every fault at once.</exception>
    internal static (MapNode Keys, Recipe Recipe) ReadOverrides(IEnumerable<string> overrides)
    {
        var faults = new RecipeFaults();
        var root = new MapNode([], null);
        foreach (var change in overrides)
        {
            Override(root, change, faults);
        }

        var recipe = Resolve(root, faults);
        faults.Throw();
        return (root, recipe);
    }

    private static Recipe Resolve(MapNode root, RecipeFaults faults)
    {
        // What a recipe joins is escaped, unless it says otherwise.
        var recipe = WithJoining(new Recipe(), FieldJoining.Escaped);
        foreach (var group in RecipeSchema.Groups)
        {
            if (root.Find(group.Path) is { } node && group.Add is not null && node is MapNode or ScalarNode { IsNull: true })
            {
                recipe = group.Add(recipe);
            }
        }

        foreach (var key in RecipeSchema.Keys.Where(key => key.Group != "model"))
        {
            recipe = Apply(key, root, recipe, faults);
        }

        if (!recipe.Corpus.Fields.JoinsSeveral)
        {
            recipe = WithJoining(recipe, default);
        }

        var isText = recipe.Corpus.Fields.Text.Count > 0 || recipe.Corpus.Format == CorpusFormat.Text;
        var isSequence = recipe.Task == TaskKind.LanguageModel || (root.Find("model.kind") is ScalarNode named && ModelKeys.Named(named.Value)?.Kind.IsSequence == true);
        if (isText && !isSequence && root.Find("features") is null or MapNode { Entries.Count: 0 } or ScalarNode { IsNull: true })
        {
            recipe = recipe with { Features = new FeatureOptions { Text = new TextFeature() } };
        }

        var standard = recipe;
        recipe = recipe with { Model = ModelKeys.All.First(keys => keys.IsDefaultFor(standard)).Kind.Default };
        recipe = Apply(RecipeSchema.Keys.Single(key => key.Path == "model.kind"), root, recipe, faults);
        if (!faults.Concern("model.kind"))
        {
            var kind = ModelKinds.Of(recipe.Model).Name;
            foreach (var key in RecipeSchema.Keys.Where(key => key.ModelKind == kind))
            {
                recipe = Apply(key, root, recipe, faults);
            }
        }

        return recipe;
    }

    private static Recipe WithJoining(Recipe recipe, FieldJoining joining) => recipe with { Corpus = recipe.Corpus with { Fields = recipe.Corpus.Fields with { Joining = joining } } };

    private static ModelOptions WithBase(ModelOptions model, RecipeFaults faults)
    {
        if (model is SequenceModelOptions sequence)
        {
            return sequence.WithFiles(BaseFiles.FolderName);
        }

        faults.Add("model.kind", $"found {ModelKinds.Of(model).Name} with a base; allowed with a base: {string.Join(", ", ModelKeys.All.Where(keys => keys.Kind.IsSequence).Select(keys => keys.Kind.Name))}.");
        return model;
    }

    /// <summary>A key without a value keeps its default.</summary>
    private static Recipe Apply(RecipeKey key, MapNode root, Recipe recipe, RecipeFaults faults) =>
        root.Find(key.Path) is { } node and not ScalarNode { IsNull: true } ? key.Apply(node, recipe, faults) : recipe;

    private static void CheckKeys(MapNode map, string path, Recipe recipe, RecipeFaults faults)
    {
        foreach (var (name, node) in map.Entries)
        {
            var full = path.Length == 0 ? name : $"{path}.{name}";
            if (name.Contains('.', StringComparison.Ordinal))
            {
                // Joined with dots it would pass for the key that it means, and yet nothing reads it.
                faults.Add(full, node, $"the key {Formats.RowFault.Quote(name)} has a dot in it; in a recipe, write it nested, as '{Nested(name)}'.");
                continue;
            }

            if (RecipeSchema.Groups.Any(group => group.Path == full))
            {
                switch (node)
                {
                    case MapNode inner when full == "model" && faults.Concern("model.kind"):
                        // The keys of a kind that does not exist cannot be judged.
                        break;
                    case MapNode inner:
                        CheckKeys(inner, full, recipe, faults);
                        break;
                    case ScalarNode { IsNull: true }:
                        break;
                    default:
                        faults.Add(full, node, $"found {node.Description}; allowed: keys with values ({string.Join(", ", NamesIn(full, recipe))}).");
                        break;
                }

                continue;
            }

            var keys = RecipeSchema.Keys.Where(key => key.Path == full).ToList();
            if (keys.Count == 0)
            {
                faults.Add(full, node, $"unknown key.{Meant(name, path, recipe)}");
            }
            else if (keys.TrueForAll(key => key.ModelKind is not null && key.ModelKind != ModelKinds.Of(recipe.Model).Name))
            {
                faults.Add(full, node, $"belongs to the kind {string.Join(" or ", keys.Select(key => key.ModelKind))}; this recipe has the kind {ModelKinds.Of(recipe.Model).Name}.");
            }
        }
    }

    private static string Nested(string dotted)
    {
        var parts = dotted.Split('.');
        return $"{string.Join(": { ", parts)}: …{string.Concat(Enumerable.Repeat(" }", parts.Length - 1))}";
    }

    private static string Meant(string name, string path, Recipe recipe)
    {
        var siblings = NamesIn(path, recipe);
        if (Suggestion.For(name, siblings) is { } near)
        {
            return $" Did you mean '{near}'?";
        }

        var elsewhere = RecipeSchema.Keys.FirstOrDefault(key => string.Equals(key.Name, name, StringComparison.OrdinalIgnoreCase));
        return elsewhere is not null ? $" Did you mean '{elsewhere.Path}'?" : $" Allowed here: {string.Join(", ", siblings)}.";
    }

    private static List<string> NamesIn(string group, Recipe recipe) =>
    [
        .. RecipeSchema.Keys
            .Where(key => key.Group == group && (key.ModelKind is null || key.ModelKind == ModelKinds.Of(recipe.Model).Name))
            .Select(key => key.Name),
        .. RecipeSchema.Groups
            .Where(inner => (inner.Path.LastIndexOf('.') is var dot && dot >= 0 ? inner.Path[..dot] : string.Empty) == group)
            .Select(inner => inner.Path[(inner.Path.LastIndexOf('.') + 1)..]),
    ];

    private static void Override(MapNode root, string change, RecipeFaults faults)
    {
        var equals = change.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            faults.Add($"{Formats.RowFault.Quote(change)}: expected key=value, such as training.epochs=8.");
            return;
        }

        var path = change[..equals].Trim().Split('.');
        RecipeNode value;
        try
        {
            value = RecipeTree.ReadValue(change[(equals + 1)..], faults);
        }
        catch (RecipeException e)
        {
            foreach (var fault in e.Faults)
            {
                faults.Add($"{string.Join('.', path)}: {fault}");
            }

            return;
        }

        var map = root;
        foreach (var key in path[..^1])
        {
            if (map.Child(key) is not MapNode inner)
            {
                inner = new MapNode([], null);
                map.Put(key, inner);
            }

            map = inner;
        }

        map.Put(path[^1], value);
    }
}
