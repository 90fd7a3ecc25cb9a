namespace Sisa.Readers.Recipes;

/// <summary>A value of the recipe's file as it stands there, before the schema gives it a meaning.</summary>
/// <param name="Line">One-based line, or <see langword="null"/> for a value that is set apart from the file.</param>
internal abstract record RecipeNode(int? Line)
{
    /// <summary>Where the value stands, for messages.</summary>
    public string Origin => Line is { } line ? $"line {line}" : "as set";

    /// <summary>Description of the value, for messages.</summary>
    public abstract string Description { get; }
}

/// <summary>One value.</summary>
/// <param name="Value">Its text.</param>
/// <param name="IsQuoted">Whether it is in quotation marks, which makes it a text in any case.</param>
/// <param name="Line">One-based line.</param>
internal sealed record ScalarNode(string Value, bool IsQuoted, int? Line) : RecipeNode(Line)
{
    /// <summary>Whether this is null: nothing, <c>~</c> or <c>null</c>.</summary>
    public bool IsNull => !IsQuoted && Value is "" or "~" or "null" or "Null" or "NULL";

    /// <inheritdoc/>
    public override string Description => IsQuoted ? $"the text {Formats.RowFault.Quote(Value)}" : IsNull ? "nothing" : Formats.RowFault.Quote(Value);
}

/// <summary>A list.</summary>
/// <param name="Items">Its values.</param>
/// <param name="Line">One-based line.</param>
internal sealed record ListNode(List<RecipeNode> Items, int? Line) : RecipeNode(Line)
{
    /// <inheritdoc/>
    public override string Description => "a list";
}

/// <summary>Keys with values, in the file's order.</summary>
/// <param name="Entries">The entries, each key once.</param>
/// <param name="Line">One-based line.</param>
internal sealed record MapNode(List<KeyValuePair<string, RecipeNode>> Entries, int? Line) : RecipeNode(Line)
{
    /// <inheritdoc/>
    public override string Description => "keys with values";

    /// <summary>The value of a key, or <see langword="null"/>.</summary>
    /// <param name="key">The key.</param>
    public RecipeNode? Child(string key) => Entries.Find(entry => entry.Key == key).Value;

    /// <summary>The value at a path of keys with dots between, or <see langword="null"/>.</summary>
    /// <param name="path">The path.</param>
    public RecipeNode? Find(string path)
    {
        RecipeNode? node = this;
        foreach (var key in path.Split('.'))
        {
            node = (node as MapNode)?.Child(key);
        }

        return node;
    }

    /// <summary>Sets the value of a key, in place of the one that it has.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    public void Put(string key, RecipeNode value)
    {
        var at = Entries.FindIndex(entry => entry.Key == key);
        if (at < 0)
        {
            Entries.Add(new(key, value));
        }
        else
        {
            Entries[at] = new(key, value);
        }
    }
}
