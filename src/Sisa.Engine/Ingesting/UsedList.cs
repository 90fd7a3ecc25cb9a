using Sisa.Readers.Lists;

namespace Sisa.Engine.Ingesting;

/// <summary>A list, and which of its entries rows have matched: an entry that matches nothing is a misspelt one as likely as not.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class UsedList(TargetList list)
{
    private readonly HashSet<string> _items = new(StringComparer.Ordinal);
    private readonly HashSet<string> _subjects = new(StringComparer.Ordinal);

    /// <summary>Items and subjects that no row had.</summary>
    public int Unmatched => list.Items.Count + list.Subjects.Count - _items.Count - _subjects.Count;

    /// <summary>Whether a row is on the list, by its id or its subject.</summary>
    public bool Holds(string item, string subject)
    {
        var byItem = Matches(list.Items, _items, item);
        var bySubject = Matches(list.Subjects, _subjects, subject);
        return byItem || bySubject;
    }

    private static bool Matches(IReadOnlyCollection<string> entries, HashSet<string> matched, string name)
    {
        if (!entries.Contains(name))
        {
            return false;
        }

        matched.Add(name);
        return true;
    }
}
