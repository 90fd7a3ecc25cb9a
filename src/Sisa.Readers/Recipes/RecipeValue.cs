using System.Globalization;

namespace Sisa.Readers.Recipes;

/// <summary>A value as the file writes it: on the key's line, or on lines of its own below.</summary>
/// <param name="Inline">Text behind the key, or <see langword="null"/>.</param>
/// <param name="Block">Lines below the key, not yet indented.</param>
internal sealed record WrittenValue(string? Inline, IReadOnlyList<string> Block)
{
    /// <summary>A value on the key's line.</summary>
    public static WrittenValue Of(string inline) => new(inline, []);
}

/// <summary>The allowed values of a key.</summary>
/// <typeparam name="T">Its type in the recipe.</typeparam>
public abstract class RecipeValue<T>
{
    /// <summary>The allowed values for messages and the printed recipe, without a full stop.</summary>
    public abstract string Allowed { get; }

    /// <summary>Reads a value.</summary>
    /// <param name="node">The value in the file.</param>
    /// <param name="key">Path of its key.</param>
    /// <param name="faults">Receives what is wrong.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether it is one.</returns>
    internal abstract bool TryRead(RecipeNode node, string key, RecipeFaults faults, out T value);

    /// <summary>Writes a value.</summary>
    /// <param name="value">The value.</param>
    internal abstract WrittenValue Write(T value);

    /// <summary>Adds the fault that every type shares.</summary>
    private protected bool Refuse(RecipeNode node, string key, RecipeFaults faults)
    {
        faults.Add(key, node, $"found {node.Description}; allowed: {Allowed}.");
        return false;
    }
}

/// <summary>A text that is not empty.</summary>
public sealed class TextValue(int maxLength = 1000, string? allowed = null, Func<string, bool>? isAllowed = null) : RecipeValue<string>
{
    /// <inheritdoc/>
    public override string Allowed => allowed ?? $"a text of 1 to {maxLength} characters";

    /// <inheritdoc/>
    internal override bool TryRead(RecipeNode node, string key, RecipeFaults faults, out string value)
    {
        value = (node as ScalarNode)?.Value ?? string.Empty;
        return (node is ScalarNode { IsNull: false } && value.Length > 0 && value.Length <= maxLength && isAllowed?.Invoke(value) != false)
            || Refuse(node, key, faults);
    }

    /// <inheritdoc/>
    internal override WrittenValue Write(string value) => WrittenValue.Of(YamlText.Scalar(value));
}

/// <summary>A list of texts; where one is allowed, a single text as well.</summary>
public sealed class TextListValue(string allowed, int maxCount, bool acceptsSingle = false) : RecipeValue<IReadOnlyList<string>>
{
    private const int MaxLength = 1000;
    private const int InlineLength = 100;

    /// <inheritdoc/>
    public override string Allowed => allowed;

    /// <inheritdoc/>
    internal override bool TryRead(RecipeNode node, string key, RecipeFaults faults, out IReadOnlyList<string> value)
    {
        value = [];
        if (node is ScalarNode { IsNull: true })
        {
            return true;
        }

        if (node is ScalarNode single && acceptsSingle && single.Value.Length is > 0 and <= MaxLength)
        {
            value = [single.Value];
            return true;
        }

        if (node is not ListNode list || list.Items.Count > maxCount)
        {
            return Refuse(node, key, faults);
        }

        var texts = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in list.Items)
        {
            if (item is not ScalarNode { Value.Length: > 0 and <= MaxLength } scalar)
            {
                return Refuse(item, key, faults);
            }

            if (!seen.Add(scalar.Value))
            {
                faults.Add(key, item, $"{Formats.RowFault.Quote(scalar.Value)} is declared twice; each may occur once.");
                return false;
            }

            texts.Add(scalar.Value);
        }

        value = texts;
        return true;
    }

    /// <inheritdoc/>
    internal override WrittenValue Write(IReadOnlyList<string> value)
    {
        var scalars = value.Select(YamlText.Scalar).ToList();
        var inline = acceptsSingle && scalars.Count == 1 ? scalars[0] : $"[{string.Join(", ", scalars)}]";
        return inline.Length <= InlineLength ? WrittenValue.Of(inline) : new WrittenValue(null, [.. scalars.Select(scalar => "- " + scalar)]);
    }
}

/// <summary>A whole number in a range.</summary>
public sealed class IntegerValue(long min, long max, string? allowed = null, Func<long, bool>? isAllowed = null) : RecipeValue<int>
{
    /// <inheritdoc/>
    public override string Allowed => allowed ?? $"a whole number from {min} to {max}";

    /// <inheritdoc/>
    internal override bool TryRead(RecipeNode node, string key, RecipeFaults faults, out int value)
    {
        value = 0;
        if (node is not ScalarNode { IsQuoted: false } scalar
            || !long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            || number < min || number > max || isAllowed?.Invoke(number) == false)
        {
            return Refuse(node, key, faults);
        }

        value = (int)number;
        return true;
    }

    /// <inheritdoc/>
    internal override WrittenValue Write(int value) => WrittenValue.Of(value.ToString(CultureInfo.InvariantCulture));
}

/// <summary>A list of whole numbers in a range.</summary>
public sealed class IntegerListValue(int minCount, int maxCount, long min, long max) : RecipeValue<IReadOnlyList<int>>
{
    private readonly IntegerValue _element = new(min, max);

    /// <inheritdoc/>
    public override string Allowed => $"a list of {minCount} to {maxCount} whole numbers from {min} to {max}";

    /// <inheritdoc/>
    internal override bool TryRead(RecipeNode node, string key, RecipeFaults faults, out IReadOnlyList<int> value)
    {
        value = [];
        if (node is not ListNode list || list.Items.Count < minCount || list.Items.Count > maxCount)
        {
            return Refuse(node, key, faults);
        }

        var numbers = new List<int>();
        foreach (var item in list.Items)
        {
            if (!_element.TryRead(item, key, faults, out var number))
            {
                return false;
            }

            numbers.Add(number);
        }

        value = numbers;
        return true;
    }

    /// <inheritdoc/>
    internal override WrittenValue Write(IReadOnlyList<int> value) => WrittenValue.Of($"[{string.Join(", ", value)}]");
}

/// <summary>A whole number of 64 bits without sign.</summary>
public sealed class SeedValue : RecipeValue<ulong>
{
    /// <inheritdoc/>
    public override string Allowed => $"a whole number from 0 to {ulong.MaxValue}";

    /// <inheritdoc/>
    internal override bool TryRead(RecipeNode node, string key, RecipeFaults faults, out ulong value)
    {
        value = 0;
        return (node is ScalarNode { IsQuoted: false } scalar && ulong.TryParse(scalar.Value, NumberStyles.None, CultureInfo.InvariantCulture, out value))
            || Refuse(node, key, faults);
    }

    /// <inheritdoc/>
    internal override WrittenValue Write(ulong value) => WrittenValue.Of(value.ToString(CultureInfo.InvariantCulture));
}

/// <summary>A number in a range.</summary>
public sealed class NumberValue(double min, double max, bool isMinExcluded = false, bool isMaxExcluded = false) : RecipeValue<double>
{
    /// <summary>Any finite number.</summary>
    public static NumberValue Any { get; } = new(double.MinValue, double.MaxValue);

    /// <inheritdoc/>
    public override string Allowed => min == double.MinValue ? "a number" : $"a number {(isMinExcluded ? "above" : "from")} {min:R} {(isMaxExcluded ? "and below" : "to")} {max:R}";

    /// <inheritdoc/>
    internal override bool TryRead(RecipeNode node, string key, RecipeFaults faults, out double value)
    {
        value = 0;
        return (node is ScalarNode { IsQuoted: false } scalar
                && double.TryParse(scalar.Value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value)
                && double.IsFinite(value)
                && (isMinExcluded ? value > min : value >= min)
                && (isMaxExcluded ? value < max : value <= max))
            || Refuse(node, key, faults);
    }

    /// <inheritdoc/>
    internal override WrittenValue Write(double value) => WrittenValue.Of(value.ToString("R", CultureInfo.InvariantCulture));
}

/// <summary><c>true</c> or <c>false</c>.</summary>
public sealed class TruthValue : RecipeValue<bool>
{
    /// <inheritdoc/>
    public override string Allowed => "true or false";

    /// <inheritdoc/>
    internal override bool TryRead(RecipeNode node, string key, RecipeFaults faults, out bool value)
    {
        value = node is ScalarNode { Value: "true" or "True" };
        return node is ScalarNode { IsQuoted: false, Value: "true" or "True" or "false" or "False" } || Refuse(node, key, faults);
    }

    /// <inheritdoc/>
    internal override WrittenValue Write(bool value) => WrittenValue.Of(value ? "true" : "false");
}

/// <summary>One of some names.</summary>
/// <typeparam name="T">Type in the recipe.</typeparam>
public sealed class ChoiceValue<T>(IReadOnlyList<(string Name, T Value)> choices, IReadOnlyList<string>? notYet = null) : RecipeValue<T>
    where T : notnull
{
    /// <inheritdoc/>
    public override string Allowed => string.Join(", ", choices.Select(choice => choice.Name));

    /// <inheritdoc/>
    internal override bool TryRead(RecipeNode node, string key, RecipeFaults faults, out T value)
    {
        var name = (node as ScalarNode)?.Value ?? string.Empty;
        foreach (var choice in choices)
        {
            if (choice.Name == name)
            {
                value = choice.Value;
                return true;
            }
        }

        value = choices[0].Value;
        if (notYet?.Contains(name) == true)
        {
            faults.Add(key, node, $"'{name}' is not available yet in this version; allowed: {Allowed}.");
            return false;
        }

        var meant = Suggestion.For(name, choices.Select(choice => choice.Name));
        faults.Add(key, node, $"found {node.Description}; allowed: {Allowed}.{(meant is null ? string.Empty : $" Did you mean '{meant}'?")}");
        return false;
    }

    /// <inheritdoc/>
    internal override WrittenValue Write(T value)
    {
        foreach (var choice in choices)
        {
            if (choice.Value.Equals(value))
            {
                return WrittenValue.Of(choice.Name);
            }
        }

        throw new ArgumentOutOfRangeException(nameof(value), value, "A recipe that this version cannot write.");
    }
}
