using Sisa.Training;

namespace Sisa.Readers.Lists;

/// <summary>The roles of a list's columns.</summary>
internal enum ListRole
{
    /// <summary>The id of an item.</summary>
    Item,

    /// <summary>A subject.</summary>
    Subject,

    /// <summary>A span of the item.</summary>
    Span,

    /// <summary>The request that the line belongs to.</summary>
    Request,

    /// <summary>The request's reason.</summary>
    Reason,

    /// <summary>The request's due date.</summary>
    Due,

    /// <summary>When the controller received the request.</summary>
    Received,
}

/// <summary>Finds the roles of columns by their names: names that Sisa knows, and fields that the recipe maps as id or subject.</summary>
/// <remarks>Case, spaces, hyphens and underscores do not count. A name that the two understand differently is in doubt: a guess would forget the wrong person.</remarks>
/// <param name="roles">The roles that the list may have.</param>
/// <param name="fields">The recipe's fields.</param>
internal sealed class ListColumns(IReadOnlyList<ListRole> roles, FieldOptions fields)
{
    private static readonly ListRole[] Targets = [ListRole.Item, ListRole.Subject];

    private static readonly Dictionary<string, ListRole> Known = new(StringComparer.Ordinal)
    {
        ["item"] = ListRole.Item,
        ["items"] = ListRole.Item,
        ["itemid"] = ListRole.Item,
        ["subject"] = ListRole.Subject,
        ["subjects"] = ListRole.Subject,
        ["subjectid"] = ListRole.Subject,
        ["user"] = ListRole.Subject,
        ["users"] = ListRole.Subject,
        ["userid"] = ListRole.Subject,
        ["datasubject"] = ListRole.Subject,
        ["datasubjectid"] = ListRole.Subject,
        ["span"] = ListRole.Span,
        ["request"] = ListRole.Request,
        ["requestid"] = ListRole.Request,
        ["reason"] = ListRole.Reason,
        ["due"] = ListRole.Due,
        ["duedate"] = ListRole.Due,
        ["received"] = ListRole.Received,
        ["receivedat"] = ListRole.Received,
    };

    private readonly Dictionary<string, ListRole?> _found = new(StringComparer.Ordinal);

    /// <summary>The names that are expected, for messages.</summary>
    public string Expected { get; } = string.Join(", ", roles.Select(KebabName.Of));

    /// <summary>The role of a column; <see langword="null"/> for a name that means nothing.</summary>
    /// <param name="name">The column's name.</param>
    public ListRole? Find(string name)
    {
        if (!_found.TryGetValue(name, out var role))
        {
            role = ByName(name) ?? Mapped(name).Cast<ListRole?>().FirstOrDefault();
            _found.Add(name, role = role is { } known && roles.Contains(known) ? role : null);
        }

        return role;
    }

    /// <summary>Why a name that means something is not certain; <see langword="null"/> if it is.</summary>
    /// <param name="name">The column's name.</param>
    public string? Doubt(string name)
    {
        var mapped = Mapped(name);
        if (mapped.Length == 0 && Fold(name) is not ("item" or "subject") && JoinedRole(name) is { } several)
        {
            return $"'{Trim(name)}' is only one of the {Of(several).Count} fields that form {Words(several)} of an item.";
        }

        if (mapped.Length == 2 && fields.Id[0] != fields.Subject[0])
        {
            return $"'{Trim(name)}' resembles two fields of the recipe, '{fields.Id[0]}' and '{fields.Subject[0]}'.";
        }

        // Where the recipe maps no subject, it is the id.
        return fields.Subject.Count > 0 && mapped.Length > 0 && ByName(name) is { } byName && !mapped.Contains(byName)
            ? $"'{Trim(name)}' sounds like {Words(byName)}, but the recipe maps this field as {Words(mapped[0])}."
            : null;
    }

    private static string Trim(string name) => name.Trim().Trim('\uFEFF');

    private static string Words(ListRole role) => role switch
    {
        ListRole.Item => "the id",
        ListRole.Subject => "the subject",
        _ => $"the {KebabName.Of(role)}",
    };

    private static string Fold(string name) => string.Concat(name.Where(c => !char.IsWhiteSpace(c) && c is not ('_' or '-' or '\uFEFF'))).ToLowerInvariant();

    private static ListRole? ByName(string name) => Known.TryGetValue(Fold(name), out var role) ? role : null;

    // Compare exactly first: recipes may map fields whose names differ only in case.
    private ListRole[] Mapped(string name)
    {
        ListRole[] exact = [.. Mapped(field => field == Trim(name))];
        return exact.Length > 0 ? exact : [.. Mapped(field => Fold(field) == Fold(name))];
    }

    private IEnumerable<ListRole> Mapped(Func<string, bool> matches) => Targets.Where(role => Of(role) is [var only] && matches(only));

    private ListRole? JoinedRole(string name) => Targets.Where(role => Of(role).Count > 1 && Of(role).Any(field => Fold(field) == Fold(name))).Cast<ListRole?>().FirstOrDefault();

    private IReadOnlyList<string> Of(ListRole role) => role == ListRole.Item ? fields.Id : fields.Subject;
}
