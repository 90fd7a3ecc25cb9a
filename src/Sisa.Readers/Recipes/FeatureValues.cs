using System.Globalization;
using Sisa.Training;

namespace Sisa.Readers.Recipes;

/// <summary>Number features: <c>age: { min: 0, max: 120, missing: 0 }</c>, one line a field.</summary>
internal sealed class NumbersValue : RecipeValue<IReadOnlyList<NumberFeature>>
{
    private const int MaxCount = 10_000;

    private static readonly string[] _parts = ["min", "max", "missing"];

    /// <inheritdoc/>
    public override string Allowed => $"up to {MaxCount} fields, each such as 'field: {{ min: 0, max: 120, missing: 0 }}', where missing is optional";

    /// <inheritdoc/>
    internal override bool TryRead(RecipeNode node, string key, RecipeFaults faults, out IReadOnlyList<NumberFeature> value)
    {
        value = [];
        if (node is ScalarNode { IsNull: true })
        {
            return true;
        }

        if (node is not MapNode map || map.Entries.Count > MaxCount)
        {
            return Refuse(node, key, faults);
        }

        var features = new List<NumberFeature>();
        var areGood = true;
        foreach (var (field, declaration) in map.Entries)
        {
            var path = $"{key}.{field}";
            if (declaration is not MapNode parts || field.Length == 0)
            {
                areGood = Refuse(declaration, path, faults);
                continue;
            }

            foreach (var (part, unknown) in parts.Entries.Where(entry => !_parts.Contains(entry.Key)))
            {
                faults.Add($"{path}.{part}", unknown, "unknown key; allowed: min, max, missing.");
                areGood = false;
            }

            var min = Read(parts, "min", path, faults, ref areGood);
            var max = Read(parts, "max", path, faults, ref areGood);
            var missing = Read(parts, "missing", path, faults, ref areGood);
            if (parts.Child("min") is null || parts.Child("max") is null)
            {
                faults.Add(path, declaration, $"min or max is missing; allowed: {Allowed}.");
                areGood = false;
            }
            else if (min is { } low && max is { } high)
            {
                if (low >= high)
                {
                    faults.Add(path, declaration, $"found min {low:R} and max {high:R}; max must be above min.");
                    areGood = false;
                }
                else if (missing < low || missing > high)
                {
                    faults.Add($"{path}.missing", declaration, $"found {missing:R}; allowed: a number from min to max, here {low:R} to {high:R}.");
                    areGood = false;
                }

                features.Add(new NumberFeature(field, low, high, missing));
            }
        }

        value = features;
        return areGood;
    }

    /// <inheritdoc/>
    internal override WrittenValue Write(IReadOnlyList<NumberFeature> value) => value.Count == 0
        ? WrittenValue.Of("{}")
        : new WrittenValue(null, [.. value.Select(feature =>
            $"{YamlText.Scalar(feature.Field)}: {{ min: {Text(feature.Min)}, max: {Text(feature.Max)}{(feature.Missing is { } missing ? $", missing: {Text(missing)}" : string.Empty)} }}")]);

    private static double? Read(MapNode parts, string part, string path, RecipeFaults faults, ref bool areGood)
    {
        if (parts.Child(part) is not { } node || (part == "missing" && node is ScalarNode { IsNull: true }))
        {
            return null;
        }

        if (NumberValue.Any.TryRead(node, $"{path}.{part}", faults, out var number))
        {
            return number;
        }

        areGood = false;
        return null;
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
