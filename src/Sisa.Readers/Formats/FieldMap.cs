using Sisa.Corpora;
using Sisa.Training;

namespace Sisa.Readers.Formats;

/// <summary>The fields that a recipe maps, each once, and their roles.</summary>
/// <remarks>Immutable. A role holds numbers of slots; −1 where the recipe maps no field.</remarks>
public sealed class FieldMap
{
    private readonly List<string> _names = [];
    private readonly List<bool> _required = [];

    private FieldMap()
    {
    }

    /// <summary>Names of the fields, by slot.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Slots of the id's fields.</summary>
    internal int[] Id { get; private init; } = [];

    /// <summary>Slots of the subject's fields.</summary>
    internal int[] Subject { get; private init; } = [];

    /// <summary>Slots of the text's fields.</summary>
    internal int[] Text { get; private init; } = [];

    /// <summary>Slot of the label.</summary>
    internal int Label { get; private init; } = -1;

    /// <summary>Slot of the risk class.</summary>
    internal int Risk { get; private init; } = -1;

    /// <summary>Slot of the arrival batch.</summary>
    internal int Batch { get; private init; } = -1;

    /// <summary>Slots of the number features, in the recipe's order.</summary>
    internal int[] Numbers { get; private init; } = [];

    /// <summary>Slots of the category features, in the recipe's order.</summary>
    internal int[] Categories { get; private init; } = [];

    /// <summary>Slot of the vector feature.</summary>
    internal int Vector { get; private init; } = -1;

    /// <summary>The map of a recipe.</summary>
    /// <param name="recipe">A valid recipe.</param>
    /// <param name="format">Format of the file; plain text and IDX have fields of their own.</param>
    /// <param name="forPrediction">Whether the fields that only training needs may be absent.</param>
    /// <param name="requiresIds">Whether the id's fields may be absent in no case.</param>
    internal static FieldMap Of(Recipe recipe, CorpusFormat format, bool forPrediction, bool requiresIds = false)
    {
        var fields = recipe.Corpus.Fields;
        var features = recipe.Features;
        var text = !recipe.HasText ? [] : format == CorpusFormat.Text && fields.Text.Count == 0 ? [TextSource.TextField] : fields.Text;
        var label = format == CorpusFormat.Idx ? fields.Label ?? IdxSource.LabelField : fields.Label;

        var map = new FieldMap();
        return new FieldMap(map)
        {
            Id = map.Slots(fields.Id, !forPrediction || requiresIds),
            Subject = map.Slots(fields.Subject, !forPrediction),
            Text = map.Slots(text, required: true),
            Label = map.Slot(label, !forPrediction),
            Risk = map.Slot(recipe.Ensemble.RiskClasses.Count > 0 ? fields.Risk : null, !forPrediction),
            Batch = map.Slot(fields.Batch, !forPrediction),
            Numbers = map.Slots([.. features.Numbers.Select(number => number.Field)], required: true),
            Categories = map.Slots(features.Categories?.Fields ?? [], required: true),
            Vector = map.Slot(features.Vector?.Field, required: true),
        };
    }

    /// <summary>A map of named fields without roles, for a look at the data.</summary>
    /// <param name="names">Names, each once.</param>
    /// <param name="vector">Name of the one field that may hold arrays, or <see langword="null"/>.</param>
    internal static FieldMap OfAll(IEnumerable<string> names, string? vector)
    {
        var map = new FieldMap();
        map.Slots([.. names], required: false);
        return new FieldMap(map) { Vector = map.Slot(vector, required: false) };
    }

    /// <summary>Whether a file without a column for this slot is refused.</summary>
    /// <param name="slot">The slot.</param>
    public bool IsRequired(int slot) => _required[slot];

    private FieldMap(FieldMap names) => (_names, _required) = (names._names, names._required);

    private int[] Slots(IReadOnlyList<string> names, bool required) => [.. names.Select(name => Slot(name, required))];

    private int Slot(string? name, bool required)
    {
        if (name is null)
        {
            return -1;
        }

        var slot = _names.IndexOf(name);
        if (slot < 0)
        {
            slot = _names.Count;
            _names.Add(name);
            _required.Add(false);
        }

        _required[slot] |= required;
        return slot;
    }
}
