using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>Which fields of a table become features, and why the others do not.</summary>
internal sealed class TableFeatures
{
    /// <summary>Bytes that the buckets of all items may take in a store; each is a 32-bit float.</summary>
    private const long MaxBucketBytes = 256L << 20;

    private const int MinBuckets = 16;
    private const int MaxBuckets = 1_024;

    /// <summary>Chooses the features.</summary>
    /// <param name="fields">The fields that play no other role.</param>
    /// <param name="rows">Rows of the files.</param>
    public TableFeatures(IReadOnlyList<FieldStatistics> fields, long rows)
    {
        var numbers = new List<NumberFeature>();
        var categories = new List<FieldStatistics>();
        VectorFeature? vector = null;
        foreach (var field in fields)
        {
            if (WhyNot(field, vector is not null) is { } reason)
            {
                LeftOut.Add((field.Name, reason));
            }
            else if (field.Vectors > 0)
            {
                var (low, high) = field.Range.RoundedOutward();
                vector = new VectorFeature(field.Name, field.VectorLength, low, high);
                Declared.Add("features.vector");
                Reasons["features.vector.field"] = $"arrays of {field.VectorLength} numbers; the range is rounded outward";
            }
            else if (!field.IsNumeric || (field.IsInteger && FieldName.IsCode(field.Name)))
            {
                categories.Add(field);
            }
            else
            {
                var (min, max) = field.Range.RoundedOutward();
                numbers.Add(new NumberFeature(field.Name, min, max, field.Missing > 0 ? min : null));
            }
        }

        var buckets = Buckets(categories.Sum(field => field.Distinct), rows);
        Features = new FeatureOptions
        {
            Numbers = numbers,
            Categories = categories.Count == 0 ? null : new CategoryFeature([.. categories.Select(field => field.Name)], buckets),
            Vector = vector,
        };
        Explain(numbers, categories);
    }

    /// <summary>The features; none where no field is of use.</summary>
    public FeatureOptions Features { get; }

    /// <summary>Fields that are left out, and why.</summary>
    public List<(string Name, string Reason)> LeftOut { get; } = [];

    /// <summary>Keys whose values come from the data.</summary>
    public List<string> Declared { get; } = [];

    /// <summary>Why a key has its value.</summary>
    public Dictionary<string, string> Reasons { get; } = new(StringComparer.Ordinal);

    /// <summary>Notes for the owner.</summary>
    public List<string> Notes { get; } = [];

    private static string? WhyNot(FieldStatistics field, bool hasVector)
    {
        if (FieldName.IsPandasIndex(field.Name) && field.IsOwn)
        {
            return "it is the index that pandas wrote";
        }

        if (field.Vectors > 0 && hasVector)
        {
            return "a recipe takes one vector";
        }

        if (field.Unusable is { } reason)
        {
            return reason;
        }

        if (FieldName.SubjectRank(field.Name) is not null && field.Vectors == 0 && !field.IsCategory)
        {
            return "it names persons";
        }

        return field.IsInteger && FieldName.IsCode(field.Name) && !field.IsCategory
            ? field.IsOwn ? "nearly every row has a value of its own" : "its numbers stand for things, and there are too many different ones for a category"
            : null;
    }

    private void Explain(List<NumberFeature> numbers, List<FieldStatistics> categories)
    {
        if (numbers.Count > 0)
        {
            Declared.Add("features.numbers");
            Reasons["features.numbers"] = "every value is a number; the ranges are rounded outward, so that no range reveals the value of a row";
            Notes.Add("Ranges of numbers are rounded outward. Rows outside them are refused, so widen the ranges if later data may exceed them.");
        }

        if (numbers.Exists(number => number.Missing is not null))
        {
            Notes.Add("Rows without a number take the lower end of its range. Change features.numbers.*.missing if another value is better.");
        }

        if (categories.Count > 0)
        {
            Declared.Add("features.categories");
            Reasons["features.categories.fields"] = "few values that many rows share, or numbers that stand for things";
            Reasons["features.categories.buckets"] = $"{categories.Sum(field => field.Distinct):N0} different values; each bucket takes 4 bytes of every item";
        }
    }

    /// <summary>A power of two, at least twice the number of values if the store does not grow too large, so that few values share a bucket and the number reveals little.</summary>
    private static int Buckets(long values, long rows)
    {
        var most = Math.Clamp((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, MaxBucketBytes / sizeof(float) / Math.Max(1, rows) / 2)), MinBuckets, MaxBuckets);
        return (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(values * 2, MinBuckets, most));
    }
}
