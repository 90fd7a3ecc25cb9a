using Sisa.Training;

namespace Sisa.Readers.Recipes;

/// <summary>Risk classes: <c>high: [0, 1]</c>, the shards that each may use, or <c>high: { shards: [0, 1], slices: [3, 4] }</c>.</summary>
internal sealed class RiskClassesValue : RecipeValue<IReadOnlyDictionary<string, RiskClass>>
{
    private const int MaxCount = 100;
    private const string ShardsKey = "shards";
    private const string SlicesKey = "slices";

    private readonly IntegerListValue _shards = new(1, RecipeLimits.MaxShards, 0, RecipeLimits.MaxShards - 1);
    private readonly IntegerListValue _slices = new(1, RecipeLimits.MaxSlices, 1, RecipeLimits.MaxSlices);

    /// <inheritdoc/>
    public override string Allowed => $"up to {MaxCount} classes, each with the numbers of its shards and optionally of its slices, such as 'high: [0, 1]' or 'high: {{ shards: [0, 1], slices: [3, 4] }}'";

    /// <inheritdoc/>
    internal override bool TryRead(RecipeNode node, string key, RecipeFaults faults, out IReadOnlyDictionary<string, RiskClass> value)
    {
        var classes = new Dictionary<string, RiskClass>(StringComparer.Ordinal);
        value = classes;
        if (node is ScalarNode { IsNull: true })
        {
            return true;
        }

        if (node is not MapNode map || map.Entries.Count > MaxCount)
        {
            return Refuse(node, key, faults);
        }

        var areGood = true;
        foreach (var (name, declaration) in map.Entries)
        {
            if (TryReadClass(declaration, $"{key}.{name}", faults, out var risk))
            {
                classes.Add(name, risk);
            }
            else
            {
                areGood = false;
            }
        }

        return areGood;
    }

    /// <inheritdoc/>
    internal override WrittenValue Write(IReadOnlyDictionary<string, RiskClass> value) => value.Count == 0
        ? WrittenValue.Of("{}")
        : new WrittenValue(null, [.. value.Select(risk => $"{YamlText.Scalar(risk.Key)}: {Text(risk.Value)}")]);

    private static string Text(RiskClass risk)
    {
        var shards = $"[{string.Join(", ", risk.Shards)}]";
        return risk.Slices is { } slices ? $"{{ {ShardsKey}: {shards}, {SlicesKey}: [{string.Join(", ", slices)}] }}" : shards;
    }

    private bool TryReadClass(RecipeNode declaration, string key, RecipeFaults faults, out RiskClass risk)
    {
        risk = new RiskClass([]);
        if (declaration is not MapNode parts)
        {
            var isList = _shards.TryRead(declaration, key, faults, out var alone);
            risk = new RiskClass(alone);
            return isList;
        }

        var areGood = true;
        foreach (var (part, unknown) in parts.Entries.Where(entry => entry.Key is not (ShardsKey or SlicesKey)))
        {
            faults.Add($"{key}.{part}", unknown, $"unknown key; allowed: {ShardsKey}, {SlicesKey}.");
            areGood = false;
        }

        if (parts.Child(ShardsKey) is not { } shards)
        {
            faults.Add(key, declaration, $"{ShardsKey} is missing; allowed: {Allowed}.");
            return false;
        }

        areGood &= _shards.TryRead(shards, $"{key}.{ShardsKey}", faults, out var numbers);
        IReadOnlyList<int>? own = null;
        if (parts.Child(SlicesKey) is { } slices and not ScalarNode { IsNull: true })
        {
            areGood &= _slices.TryRead(slices, $"{key}.{SlicesKey}", faults, out var read);
            own = read;
        }

        risk = new RiskClass(numbers) { Slices = own };
        return areGood;
    }
}
