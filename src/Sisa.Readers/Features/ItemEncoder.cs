using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Sisa.Corpora;
using Sisa.Models;
using Sisa.Readers.Formats;
using Sisa.Readers.Tokenizers;
using Sisa.Training;

namespace Sisa.Readers.Features;

/// <summary>Encodes an item's payload as the bytes of <see cref="FeatureLayout"/>, by the recipe's declarations only (rule E5).</summary>
/// <remarks>
/// <para>Not thread-safe, and the buffers that it hands out are reused: what <see cref="EncodeText"/> returned is
/// overwritten by the next call. Dense features are numbers, then categories, then vector; numbers are little-endian.</para>
/// <para>A text without any token (only punctuation, or nothing) becomes one token, the bucket of the empty word, so that no model has to
/// take the mean of nothing.</para>
/// </remarks>
public sealed class ItemEncoder
{
    private readonly FeatureOptions _features;
    private readonly ITextEncoding? _text;
    private readonly Tokenizer? _tokenizer;
    private readonly List<int> _document = [];
    private readonly int[] _tokens;
    private readonly float[] _dense;
    private readonly ulong[] _categorySeeds;
    private byte[] _bytes;

    /// <summary>Creates the encoder of a recipe.</summary>
    /// <param name="recipe">A valid recipe.</param>
    public ItemEncoder(Recipe recipe)
    {
        _features = recipe.Features;
        Layout = FeatureLayout.Of(recipe);
        _text = _features.Text switch
        {
            null => null,
            { Encoding: TextEncodingKind.HashedNgrams } hashed => new HashedNgrams(hashed),
            { } pretrained => new TiktokenEncoding(pretrained),
        };
        _tokenizer = recipe.Model is SequenceModelOptions ? Tokenizer.Create(recipe) : null;
        _tokens = _text is null ? [] : new int[Layout.Length];
        _dense = Layout.Kind == FeatureKind.Dense ? new float[Layout.Length] : [];
        _bytes = new byte[Layout.StrideBytes ?? _tokens.Length * sizeof(int)];
        _categorySeeds = [.. (_features.Categories?.Fields ?? []).Select(field => FeatureHash.Add(FeatureHash.Add(FeatureHash.Start, Encoding.UTF8.GetBytes(field)), 0))];
    }

    /// <summary>The layout of what is encoded.</summary>
    public FeatureLayout Layout { get; }

    /// <summary>Encodes a text, for instance what is left of one after a span was forgotten.</summary>
    /// <param name="utf8">The text as UTF-8.</param>
    /// <returns>Token numbers as little-endian 32-bit integers, at least one; valid until the next call.</returns>
    /// <exception cref="ArgumentException">Not UTF-8.</exception>
    /// <exception cref="InvalidOperationException">The recipe declares no text feature.</exception>
    public ReadOnlyMemory<byte> EncodeText(ReadOnlySpan<byte> utf8)
    {
        if (_text is null && _tokenizer is null)
        {
            throw new InvalidOperationException("The recipe declares no text feature.");
        }

        if (!Utf8.IsValid(utf8))
        {
            throw new ArgumentException("The text is not valid UTF-8.", nameof(utf8));
        }

        if (_tokenizer is not null)
        {
            return EncodeDocument(_tokenizer, utf8);
        }

        var count = _text!.Encode(utf8, _tokens);
        if (count == 0)
        {
            _tokens[0] = FeatureHash.Bucket(FeatureHash.Start, Layout.Vocabulary);
            count = 1;
        }

        return Store(MemoryMarshal.AsBytes(_tokens.AsSpan(0, count)));
    }

    /// <summary>Encodes the features of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="text">Its text field; empty for items without text.</param>
    /// <param name="features">The encoded features, valid until the next call.</param>
    /// <returns>The fault of the row, or <see langword="null"/>.</returns>
    internal RowFault? Encode(FieldRow row, ReadOnlySpan<byte> text, out ReadOnlyMemory<byte> features)
    {
        features = default;
        if (_text is not null || _tokenizer is not null)
        {
            features = EncodeText(text);
            return null;
        }

        if (_features.Pixels is not null)
        {
            // The one format with pixels encodes them itself; a reader of another format never gets here.
            throw new InvalidOperationException("Pixels are not read from fields.");
        }

        _dense.AsSpan().Clear();
        var fault = EncodeNumbers(row) ?? EncodeCategories(row) ?? EncodeVector(row);
        features = Store(MemoryMarshal.AsBytes(_dense.AsSpan()));
        return fault;
    }

    // A head reads one window, which ends with the mark behind the text however long that is.
    private ReadOnlyMemory<byte> EncodeDocument(Tokenizer tokenizer, ReadOnlySpan<byte> utf8)
    {
        _document.Clear();
        tokenizer.EncodeDocument(utf8, _document);
        if (_document.Count > Layout.Length)
        {
            _document.RemoveRange(Layout.Length - 1, _document.Count - Layout.Length);
        }

        return Store(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_document)));
    }

    private RowFault? EncodeNumbers(FieldRow row)
    {
        for (var i = 0; i < _features.Numbers.Count; i++)
        {
            var feature = _features.Numbers[i];
            var slot = row.Map.Numbers[i];
            var value = row.Value(slot);
            double number;
            switch (row.Kind(slot))
            {
                case FieldKind.Vector or FieldKind.Nested:
                    return RowFault.NotScalar(feature.Field);
                case FieldKind.Missing:
                case FieldKind.Text when FieldRow.IsBlank(value):
                    if (feature.Missing is not { } missing)
                    {
                        return new RowFault(
                            $"Field '{feature.Field}' has no number.",
                            $"Declare features.numbers.{feature.Field}.missing, the value for rows without one, or correct the row.");
                    }

                    number = missing;
                    break;
                default:
                    if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out number) || !double.IsFinite(number))
                    {
                        return new RowFault($"Field '{feature.Field}' is {RowFault.Quote(value)}, expected a number.", "Correct the row, or declare the field as a category.");
                    }

                    break;
            }

            if (number < feature.Min || number > feature.Max)
            {
                return OutOfRange($"Field '{feature.Field}'", number, feature.Min, feature.Max, $"features.numbers.{feature.Field}");
            }

            _dense[i] = (float)((number - feature.Min) / (feature.Max - feature.Min));
        }

        return null;
    }

    private RowFault? EncodeCategories(FieldRow row)
    {
        if (_features.Categories is not { } categories)
        {
            return null;
        }

        var block = _dense.AsSpan(_features.Numbers.Count, categories.Buckets);
        for (var i = 0; i < _categorySeeds.Length; i++)
        {
            var slot = row.Map.Categories[i];
            if (row.Kind(slot) is FieldKind.Vector or FieldKind.Nested)
            {
                return RowFault.NotScalar(categories.Fields[i]);
            }

            block[FeatureHash.Bucket(FeatureHash.Add(_categorySeeds[i], row.Value(slot)), categories.Buckets)] = 1;
        }

        return null;
    }

    private RowFault? EncodeVector(FieldRow row)
    {
        if (_features.Vector is not { } feature)
        {
            return null;
        }

        var slot = row.Map.Vector;
        switch (row.Kind(slot))
        {
            case FieldKind.Vector:
                break;
            case FieldKind.Text:
                if (!TakeVector(row, row.Value(slot)))
                {
                    return NotNumbers(feature.Field);
                }

                break;
            case FieldKind.Missing:
                return new RowFault($"Field '{feature.Field}' is missing, expected {feature.Length} numbers.", "Correct the row.");
            default:
                return NotNumbers(feature.Field);
        }

        var vector = row.Vector;
        if (vector.Length != feature.Length)
        {
            return new RowFault($"Field '{feature.Field}' has {vector.Length} numbers, expected {feature.Length}.", "Correct the row, or features.vector.length in the recipe.");
        }

        var block = _dense.AsSpan(_dense.Length - feature.Length);
        for (var i = 0; i < vector.Length; i++)
        {
            // Written so that what is not a number is out of range as well.
            if (!(vector[i] >= feature.Min && vector[i] <= feature.Max))
            {
                return OutOfRange($"Element {i + 1} of field '{feature.Field}'", vector[i], feature.Min, feature.Max, "features.vector");
            }

            block[i] = (float)((vector[i] - feature.Min) / (feature.Max - feature.Min));
        }

        return null;
    }

    /// <summary>Formats without arrays write them as text: <c>[1, 2, 3]</c>, or numbers with commas, semicolons or spaces between.</summary>
    private static bool TakeVector(FieldRow row, ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t\r\n"u8);
        if (text.Length >= 2 && text[0] == '[' && text[^1] == ']')
        {
            text = text[1..^1];
        }

        while (!(text = text.TrimStart(" \t\r\n,;"u8)).IsEmpty)
        {
            var end = text.IndexOfAny(" \t\r\n,;"u8);
            var part = end < 0 ? text : text[..end];
            if (!double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            {
                return false;
            }

            row.AddToVector(value);
            text = text[part.Length..];
        }

        return true;
    }

    private ReadOnlyMemory<byte> Store(ReadOnlySpan<byte> encoded)
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Features are little-endian; this machine is not.");
        }

        if (_bytes.Length < encoded.Length)
        {
            _bytes = new byte[encoded.Length];
        }

        encoded.CopyTo(_bytes);
        return _bytes.AsMemory(0, encoded.Length);
    }

    private static RowFault NotNumbers(string field) => new($"Field '{field}' is not an array of numbers.", "Correct the row, or map another field.");

    private static RowFault OutOfRange(string what, double value, double min, double max, string key) => new(
        $"{what} is {value:R}, outside its declared range {min:R} to {max:R}.",
        $"Widen {key} in the recipe of a new store, or correct the row.");
}
