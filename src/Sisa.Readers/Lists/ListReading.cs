using Sisa.Training;

namespace Sisa.Readers.Lists;

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
    /// <summary>What the lines name, as the command line says it; <see langword="null"/> if it does not.</summary>
    public ListKind? Of { get; init; }

    /// <summary>Names of the recipe's fields: a column may have the name of the one that is mapped as id or as subject.</summary>
    public FieldOptions Fields { get; init; } = new();

    /// <summary>Looks names up in a store; <see langword="null"/> if there is none, so that a list without a header says too little.</summary>
    public Func<IReadOnlyCollection<string>, ListedNames>? LookUp { get; init; }
}

/// <summary>What a store knows of names.</summary>
/// <param name="Items">Those that are ids of items, also of forgotten ones.</param>
/// <param name="SubjectsOfOthers">Those that are subjects of items with another id, also forgotten ones.</param>
public sealed record ListedNames(IReadOnlySet<string> Items, IReadOnlySet<string> SubjectsOfOthers);
