using System.Text;
using Sisa.Corpora;
using Sisa.Models;
using Sisa.Readers.Recipes.Models;
using Sisa.Training;

namespace Sisa.Readers.Recipes;

/// <summary>Writes <c>sisa.yaml</c>.</summary>
public static class RecipeWriter
{
    private const int CommentWidth = 110;

    /// <summary>Writes a recipe: what it declares, without the defaults. <see cref="RecipeReader.Parse"/> reads an equal recipe from it.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="head">Sentences for its head, as comments; <see langword="null"/> for none.</param>
    /// <param name="reasons">Sentences for the line above a key, by its path; <see langword="null"/> for none.</param>
    public static string Write(Recipe recipe, IReadOnlyList<string>? head = null, IReadOnlyDictionary<string, string>? reasons = null)
    {
        var yaml = new Output();
        foreach (var sentence in head ?? [])
        {
            yaml.Line(sentence, 0);
        }

        var defaults = new Recipe { Model = ModelKinds.Of(recipe.Model).Default };
        foreach (var key in RecipeSchema.Keys)
        {
            if (key.Write(recipe) is not { } value)
            {
                continue;
            }

            // What an optional group declares is written out in full: it is short, and a default that changes must not change it.
            var isDefault = key.Write(defaults) is { } standard && standard.Inline == value.Inline && standard.Block.SequenceEqual(value.Block);
            if (!isDefault || key.IsAlwaysWritten)
            {
                yaml.Open(key.Group);
                if (reasons?.GetValueOrDefault(key.Path) is { } reason)
                {
                    yaml.Line(reason, Depth(key.Path));
                }

                yaml.Value(key, value);
            }
        }

        return yaml.ToString();
    }

    /// <summary>Writes a recipe with every key, its default and its meaning, to start from.</summary>
    /// <returns>YAML that <see cref="RecipeReader.Parse"/> reads; what is optional is commented out.</returns>
    public static string Print()
    {
        var yaml = new Output();
        yaml.Comment("A recipe with every key and its default. Change labels and corpus.fields to match your data. Lines that begin with '#' and a key are optional.", 0);
        var live = Example;
        foreach (var group in RecipeSchema.Keys.GroupBy(key => key.Group.Split('.')[0] is "" ? key.Name : key.Group.Split('.')[0]))
        {
            yaml.Blank();
            foreach (var key in group)
            {
                var isLive = key.Write(live) is not null;
                yaml.Open(key.Group, RecipeSchema.Groups, group => !group.IsThere(live));
                yaml.Comment($"{(key.ModelKind is null ? string.Empty : $"For {key.ModelKind}. ")}{key.Meaning} Allowed: {key.Allowed}.", Depth(key.Path));
                yaml.Value(key, key.Write(live) ?? key.Write(Full(key.ModelKind))!, isCommentedOut: !isLive);
            }
        }

        return yaml.ToString();
    }

    /// <summary>The recipe that <see cref="Print"/> writes: defaults, and what has none.</summary>
    internal static Recipe Example { get; } = new()
    {
        Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["id"], Text = ["text"], Label = "label" } },
        Labels = ["negative", "positive"],
        Features = new FeatureOptions { Text = new TextFeature() },
        Model = new TextClassifierOptions(),
    };

    /// <summary>A value for every key: not a consistent recipe, but one that shows how each key is written.</summary>
    private static Recipe Full(string? modelKind) => Example with
    {
        Corpus = new CorpusOptions
        {
            Format = CorpusFormat.Jsonl,
            Fields = new FieldOptions { Id = ["id"], Subject = ["author"], Text = ["title", "text"], Joining = FieldJoining.Escaped, Label = "label", Risk = "risk", Batch = "month" },
            ImagesFile = "train-images-idx3-ubyte",
            LabelsFile = "train-labels-idx1-ubyte",
        },
        Features = new FeatureOptions
        {
            Text = new TextFeature(),
            Pixels = new PixelFeature(28, 28),
            Numbers = [new NumberFeature("age", 0, 120, 0)],
            Categories = new CategoryFeature(["city", "job"], 256),
            Vector = new VectorFeature("embedding", 384, -1, 1),
        },
        Issuer = new IssuerOptions { Organisation = "Example Ltd", Contact = "privacy@example.org", Model = "mail sorter" },
        Ensemble = new EnsembleOptions
        {
            Batches = ["2026-01", "2026-02", "2026-03", "2026-04"],
            RiskClasses = new Dictionary<string, RiskClass>(StringComparer.Ordinal) { ["high"] = new([0, 1]), ["low"] = new([2, 3, 4, 5, 6, 7]) },
        },
        Model = (ModelKeys.Named(modelKind) ?? ModelKeys.BuiltIn.TextClassifier).Shown,
        Evaluation = new EvaluationOptions { File = "test.jsonl" },
        DeclaredAfterInspection = ["labels"],
    };

    private static int Depth(string path) => path.Count(c => c == '.');

    /// <summary>Keys below the groups that hold them, each group named once.</summary>
    private sealed class Output
    {
        private readonly StringBuilder _text = new();
        private string _open = string.Empty;

        public void Blank() => _text.Append('\n');

        public void Open(string group, IReadOnlyList<RecipeGroup>? explained = null, Func<RecipeGroup, bool>? isCommentedOut = null)
        {
            var parts = group.Split('.', StringSplitOptions.RemoveEmptyEntries);
            for (var depth = 0; depth < parts.Length; depth++)
            {
                var path = string.Join('.', parts[..(depth + 1)]);
                if (path == _open || _open.StartsWith(path + ".", StringComparison.Ordinal))
                {
                    continue;
                }

                var known = explained?.FirstOrDefault(candidate => candidate.Path == path);
                if (known is not null)
                {
                    Comment(known.Meaning, depth);
                }

                _text.Append(' ', depth * 2).Append(known is not null && isCommentedOut?.Invoke(known) == true ? "#" : string.Empty).Append(parts[depth]).Append(":\n");
            }

            _open = group;
        }

        public void Value(RecipeKey key, WrittenValue value, bool isCommentedOut = false)
        {
            var indent = Depth(key.Path) * 2;
            var mark = isCommentedOut ? "#" : string.Empty;
            _text.Append(' ', indent).Append(mark).Append(key.Name).Append(':').Append(value.Inline is { } inline ? " " + inline : string.Empty).Append('\n');
            foreach (var line in value.Block)
            {
                _text.Append(' ', indent).Append(mark).Append("  ").Append(line).Append('\n');
            }
        }

        /// <summary>A comment on one line, of any length.</summary>
        public void Line(string text, int depth) => _text.Append(' ', depth * 2).Append("# ").Append(YamlText.Comment(text)).Append('\n');

        public void Comment(string text, int depth)
        {
            var line = new StringBuilder();
            foreach (var word in text.Split(' '))
            {
                if (line.Length > 0 && line.Length + word.Length + 1 > CommentWidth)
                {
                    End();
                }

                line.Append(line.Length == 0 ? "# " : " ").Append(word);
            }

            End();

            void End()
            {
                _text.Append(' ', depth * 2).Append(line).Append('\n');
                line.Clear();
            }
        }

        public override string ToString() => _text.ToString();
    }
}
