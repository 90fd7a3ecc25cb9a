using System.Text;
using Sisa.Corpora;
using Sisa.Readers.Features;
using Sisa.Training;

namespace Sisa.Readers.Formats;

/// <summary>Makes an item out of the mapped fields of a row.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class ItemBuilder
{
    /// <summary>Longest id or subject, in bytes of UTF-8.</summary>
    private const int MaxNameBytes = 512;

    private const int ListedLabels = 10;

    private const string IdRole = "id";

    private readonly Recipe _recipe;
    private readonly FieldMap _map;
    private readonly ItemEncoder _encoder;
    private readonly string _fileName;
    private readonly bool _forPrediction;
    private readonly bool _requiresIds;
    private readonly Utf8Lookup _labels;
    private readonly Utf8Lookup _risks;
    private readonly IReadOnlyList<string> _riskNames;
    private readonly Utf8Lookup _batches;
    private readonly byte[] _lastSubject = new byte[MaxNameBytes];
    private int _lastSubjectBytes = -1;
    private string _lastSubjectText = string.Empty;

    /// <summary>Creates the builder.</summary>
    /// <param name="recipe">A valid recipe.</param>
    /// <param name="map">The mapped fields.</param>
    /// <param name="encoder">The encoder of the same recipe.</param>
    /// <param name="fileName">File name without folder, for ids that the rows do not have.</param>
    /// <param name="options">Whether labels, ids and the rest may be absent.</param>
    public ItemBuilder(Recipe recipe, FieldMap map, ItemEncoder encoder, string fileName, ReadOptions options)
    {
        _recipe = recipe;
        _map = map;
        _encoder = encoder;
        _fileName = fileName;
        (_forPrediction, _requiresIds) = (options.ForPrediction, options.RequiresIds);
        _labels = new Utf8Lookup(recipe.Labels);
        _riskNames = recipe.Ensemble.RiskClassNames;
        _risks = new Utf8Lookup(_riskNames);
        _batches = new Utf8Lookup(recipe.Ensemble.Batches);
    }

    /// <summary>Fills an item.</summary>
    /// <param name="row">The row.</param>
    /// <param name="item">Receives everything.</param>
    /// <returns>The fault of the row, or <see langword="null"/>.</returns>
    public RowFault? Build(FieldRow row, Item item)
    {
        item.Row = row.Number;
        item.LastRow = row.LastNumber;
        item.Text = default;
        var fault = BuildNames(row, item) ?? BuildLabel(row, item) ?? BuildRisk(row, item) ?? BuildBatch(row, item) ?? BuildText(row, item);
        if (fault is not null)
        {
            return fault;
        }

        if (_recipe.Features.Pixels is not null)
        {
            // The images of an IDX file come encoded, in the slot behind the fields' own.
            item.Features = row.Pixels;
            return null;
        }

        fault = _encoder.Encode(row, item.Text.Span, out var features);
        item.Features = features;
        return fault;
    }

    private RowFault? BuildNames(FieldRow row, Item item)
    {
        var fault = Name(row, _map.Id, IdRole, out var id);
        if (fault is not null)
        {
            return fault;
        }

        item.Id = id.IsEmpty ? $"{_fileName}:{row.Number}" : Encoding.UTF8.GetString(id.Span);
        if (_map.Subject.Length == 0)
        {
            item.Subject = item.Id;
            return null;
        }

        fault = Name(row, _map.Subject, "subject", out var subject);
        item.Subject = fault is not null || subject.IsEmpty ? item.Id : SubjectText(subject.Span);
        return fault;
    }

    /// <summary>The rows of one subject often stand together: the string of the row before is used again.</summary>
    private string SubjectText(ReadOnlySpan<byte> subject)
    {
        if (!subject.SequenceEqual(_lastSubject.AsSpan(0, Math.Max(0, _lastSubjectBytes))) || _lastSubjectBytes < 0)
        {
            subject.CopyTo(_lastSubject);
            _lastSubjectBytes = subject.Length;
            _lastSubjectText = Encoding.UTF8.GetString(subject);
        }

        return _lastSubjectText;
    }

    private RowFault? Name(FieldRow row, int[] slots, string role, out ReadOnlyMemory<byte> name)
    {
        name = default;
        foreach (var slot in slots)
        {
            var kind = row.Kind(slot);
            if (kind is FieldKind.Vector or FieldKind.Nested)
            {
                return RowFault.NotScalar(_map.Names[slot]);
            }

            if (kind == FieldKind.Missing || row.Value(slot).IsEmpty)
            {
                return _forPrediction && !(_requiresIds && role == IdRole)
                    ? null
                    : new RowFault(
                        $"Field '{_map.Names[slot]}', mapped as {role}, is {(kind == FieldKind.Missing ? row.IsPresent(slot) ? "null" : "missing" : "empty")}.",
                        $"Give the row its {role}, or correct corpus.fields.{role} in the recipe.");
            }
        }

        if (slots.Length == 0)
        {
            return null;
        }

        name = row.Join(slots, JoinedFields.NameJoint, _recipe.Corpus.Fields.Joining);
        var bytes = name.Span;
        if (bytes.Length > MaxNameBytes)
        {
            return new RowFault($"The {role} has {bytes.Length} bytes, expected at most {MaxNameBytes}.", $"Map a shorter field as {role}.");
        }

        return HasControl(bytes) ? new RowFault($"The {role} {RowFault.Quote(bytes)} holds a control character.", $"Correct the row, or map another field as {role}.") : null;
    }

    private RowFault? BuildLabel(FieldRow row, Item item)
    {
        item.Label = -1;
        if (_recipe.Task == TaskKind.LanguageModel)
        {
            return null;
        }

        if (_map.Label < 0)
        {
            return _forPrediction ? null : new RowFault("The recipe maps no label, and the task is to classify.", "Map corpus.fields.label in the recipe.");
        }

        var value = row.Value(_map.Label);
        var kind = row.Kind(_map.Label);
        if (kind is FieldKind.Vector or FieldKind.Nested)
        {
            return _forPrediction ? null : RowFault.NotScalar(_map.Names[_map.Label]);
        }

        // The byte of an IDX file is the label's index; every other format has its text.
        item.Label = row.LabelIndex is { } index ? index < _recipe.Labels.Count ? index : -1 : _labels.Find(value);
        if (item.Label >= 0 || _forPrediction)
        {
            return null;
        }

        var field = _map.Names[_map.Label];
        if (row.LabelIndex is { } unknown)
        {
            return new RowFault($"The label is {unknown}, expected 0 to {_recipe.Labels.Count - 1}: the recipe declares {_recipe.Labels.Count} labels.", "Correct the labels in the recipe of a new store.");
        }

        return kind == FieldKind.Missing || value.IsEmpty
            ? new RowFault($"Field '{field}', mapped as label, is {(kind == FieldKind.Missing ? row.IsPresent(_map.Label) ? "null" : "missing" : "empty")}.", "Give the row a label, or omit the row.")
            : new RowFault($"Label {RowFault.Quote(value)} is not declared; expected one of {Listed(_recipe.Labels)}.", "Correct the row, or declare the label in the recipe of a new store.");
    }

    private RowFault? BuildRisk(FieldRow row, Item item)
    {
        item.RiskClass = null;
        if (_map.Risk < 0)
        {
            return null;
        }

        var found = row.Kind(_map.Risk) is FieldKind.Vector or FieldKind.Nested ? -1 : _risks.Find(row.Value(_map.Risk));
        item.RiskClass = found < 0 ? null : _riskNames[found];
        return found >= 0 || _forPrediction
            ? null
            : new RowFault($"Risk class {RowFault.Quote(row.Value(_map.Risk))} is not declared; expected one of {Listed(_riskNames)}.", "Correct the row, or declare the class in ensemble.riskClasses.");
    }

    private RowFault? BuildBatch(FieldRow row, Item item)
    {
        item.Batch = null;
        if (_map.Batch < 0 || _recipe.Ensemble.Assign != AssignRule.ByBatch)
        {
            return null;
        }

        var found = row.Kind(_map.Batch) is FieldKind.Vector or FieldKind.Nested ? -1 : _batches.Find(row.Value(_map.Batch));
        item.Batch = found < 0 ? null : _recipe.Ensemble.Batches[found];
        return found >= 0 || _forPrediction
            ? null
            : new RowFault($"Batch {RowFault.Quote(row.Value(_map.Batch))} is not declared; expected one of {Listed(_recipe.Ensemble.Batches)}.", "Correct the row, or declare the batch in ensemble.batches.");
    }

    private RowFault? BuildText(FieldRow row, Item item)
    {
        if (_map.Text.Length == 0)
        {
            return null;
        }

        var isEmpty = true;
        foreach (var slot in _map.Text)
        {
            if (row.Kind(slot) is FieldKind.Vector or FieldKind.Nested)
            {
                return RowFault.NotScalar(_map.Names[slot]);
            }

            var bytes = row.Value(slot).Length;
            if (bytes > _recipe.Corpus.MaxFieldBytes)
            {
                return RowFault.TooLong($"Field '{_map.Names[slot]}'", _recipe.Corpus.MaxFieldBytes);
            }

            isEmpty &= bytes == 0;
        }

        if (isEmpty)
        {
            return new RowFault(
                $"The row has no text in {string.Join(", ", _map.Text.Select(slot => $"'{_map.Names[slot]}'"))}.",
                "Give the row a text, or omit the row.");
        }

        item.Text = row.Join(_map.Text, JoinedFields.TextJoint, _recipe.Corpus.Fields.Joining);
        return null;
    }

    /// <summary>Whether UTF-8 holds a code point of category Cc: below U+0020, or U+007F to U+009F.</summary>
    private static bool HasControl(ReadOnlySpan<byte> utf8)
    {
        for (var i = 0; i < utf8.Length; i++)
        {
            if (utf8[i] < 0x20 || utf8[i] == 0x7F || (utf8[i] == 0xC2 && i + 1 < utf8.Length && utf8[i + 1] < 0xA0))
            {
                return true;
            }
        }

        return false;
    }

    private static string Listed(IReadOnlyCollection<string> declared) =>
        string.Join(", ", declared.Take(ListedLabels).Select(RowFault.Quote)) + (declared.Count > ListedLabels ? $" and {declared.Count - ListedLabels} more" : string.Empty);
}
