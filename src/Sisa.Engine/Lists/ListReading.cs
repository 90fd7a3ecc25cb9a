using Sisa.Engine.Forgetting;
using Sisa.Engine.Stores;
using Sisa.Training;

namespace Sisa.Engine.Lists;

/// <summary>What the lines of a list without a header name.</summary>
public enum ListKind
{
    /// <summary>Items, by their ids.</summary>
    Items,

    /// <summary>Subjects, each with all of its items.</summary>
    Subjects,
}

/// <summary>What a list is understood by, besides what it says itself.</summary>
/// <remarks>Immutable. By default a list must say everything itself.</remarks>
public sealed record ListReading
{
    /// <summary>What the lines name, as the command line says it; <see langword="null"/> where it does not.</summary>
    public ListKind? Of { get; init; }

    /// <summary>Names of the recipe's fields: a column may have the name of the one that is mapped as id or as subject.</summary>
    public FieldOptions Fields { get; init; } = new();

    /// <summary>Looks names up in a store; <see langword="null"/> where there is none, so that a list without a header says too little.</summary>
    public Func<IReadOnlyCollection<string>, ListedNames>? LookUp { get; init; }

    /// <summary>How lists are understood that are about a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="of">What the command line says.</param>
    public static ListReading For(Store store, ListKind? of)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new ListReading { Of = of, Fields = store.Recipe.Corpus.Fields, LookUp = names => ListedNames.In(store, names) };
    }
}

/// <summary>What a store knows of names.</summary>
/// <param name="Items">Those that are ids of items, also of forgotten ones.</param>
/// <param name="SubjectsOfOthers">Those that are subjects of items with another id, also forgotten ones.</param>
public sealed record ListedNames(IReadOnlySet<string> Items, IReadOnlySet<string> SubjectsOfOthers)
{
    /// <summary>Looks names up.</summary>
    /// <param name="store">The store.</param>
    /// <param name="names">The names.</param>
    internal static ListedNames In(Store store, IReadOnlyCollection<string> names)
    {
        var distinct = names.ToHashSet(StringComparer.Ordinal);
        var items = store.Manifest.Items.FindById(distinct).Select(row => row.Id);
        var hasSubjects = Store.HasSubjects(store.Recipe);
        var subjects = hasSubjects ? store.Manifest.Items.FindBySubject(distinct).Where(row => row.Id != row.Subject).Select(row => row.Subject) : [];
        var forgotten = ForgottenNames.Among(store, distinct, hasSubjects ? distinct : []);
        return new ListedNames(items.Concat(forgotten.Items).ToHashSet(StringComparer.Ordinal), subjects.Concat(forgotten.Subjects).ToHashSet(StringComparer.Ordinal));
    }
}
