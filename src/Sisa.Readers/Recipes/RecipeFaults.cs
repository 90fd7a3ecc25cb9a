namespace Sisa.Readers.Recipes;

/// <summary>Collects the faults of a recipe, so that all are reported together: the first ones, and the number of the others.</summary>
public sealed class RecipeFaults
{
    private const int MaxMessages = 200;

    private readonly List<string> _messages = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private int _untold;

    /// <summary>The faults in the order found.</summary>
    public IReadOnlyList<string> Messages => _messages;

    /// <summary>Adds a fault of a value.</summary>
    /// <param name="key">Path of the key.</param>
    /// <param name="node">The value, for its place.</param>
    /// <param name="message">Found and allowed: a sentence that goes on behind the key.</param>
    internal void Add(string key, RecipeNode node, string message) => Add(key, $" ({node.Origin})", message);

    /// <summary>Adds a fault between several keys, or of a missing key.</summary>
    /// <param name="key">Path of the key to change.</param>
    /// <param name="message">Found and allowed: a sentence that goes on behind the key.</param>
    public void Add(string key, string message) => Add(key, string.Empty, message);

    /// <summary>Adds a fault of the file as a whole.</summary>
    /// <param name="message">A sentence.</param>
    public void Add(string message)
    {
        if (_messages.Count < MaxMessages)
        {
            _messages.Add(message);
        }
        else
        {
            _untold++;
        }
    }

    /// <summary>Adds a fault where a rule is broken, unless one of its keys has a fault already.</summary>
    /// <param name="isBroken">Whether it is broken.</param>
    /// <param name="key">Path of the key to change.</param>
    /// <param name="message">Found and allowed: a sentence that goes on behind the key.</param>
    /// <param name="otherKeys">Paths of the other keys that the rule is about.</param>
    public void Rule(bool isBroken, string key, string message, params ReadOnlySpan<string> otherKeys)
    {
        if (!isBroken || Concern(key))
        {
            return;
        }

        foreach (var other in otherKeys)
        {
            if (Concern(other))
            {
                return;
            }
        }

        Add(key, message);
    }

    /// <summary>Adds a fault if a recipe names a file that is not beside it. A recipe is untrusted, and must name no other file of the machine.</summary>
    /// <param name="named">The path, or <see langword="null"/> for none.</param>
    /// <param name="key">Path of its key.</param>
    public void RequireBelow(string? named, string key) =>
        Rule(named is not null && !NamedPath.IsBelow(named), key, $"found {Formats.RowFault.Quote(named ?? string.Empty)}; allowed: a path below the recipe's or the data's folder, without '..'.");

    /// <summary>Whether the key, or one above or below it, already has a fault, so that consequences need not be reported.</summary>
    /// <param name="key">Path of the key.</param>
    public bool Concern(string key) => _keys.Any(faulty =>
        faulty == key || faulty.StartsWith(key + ".", StringComparison.Ordinal) || key.StartsWith(faulty + ".", StringComparison.Ordinal));

    /// <summary>Throws if there is any fault.</summary>
    /// <exception cref="RecipeException">With every fault.</exception>
    public void Throw()
    {
        if (_messages.Count > 0)
        {
            throw new RecipeException(_untold > 0 ? [.. _messages, $"And {_untold} more."] : [.. _messages]);
        }
    }

    private void Add(string key, string origin, string message)
    {
        if (_messages.Count < MaxMessages)
        {
            _keys.Add(key);
        }

        Add($"{key}{origin}: {message}");
    }
}
