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

/// <summary>How to understand a list, in addition to its own header or keys.</summary>
/// <remarks>Immutable. By default a list must say everything itself.</remarks>
public sealed record ListReading
{
    /// <summary>What the lines name, by the command line; <see langword="null"/> if it does not say.</summary>
    public ListKind? Of { get; init; }

    /// <summary>Names of the recipe's fields: a column may have the name of the one that is mapped as id or as subject.</summary>
    public FieldOptions Fields { get; init; } = new();

    /// <summary>Looks names up in a store; <see langword="null"/> if there is none, so that a list without a header says too little.</summary>
    public Func<IReadOnlyCollection<string>, ListedNames>? LookUp { get; init; }
}

/// <summary>The given names that a store knows.</summary>
/// <param name="Items">Names that are ids of items, forgotten ones included.</param>
/// <param name="SubjectsOfOthers">Names that are subjects of items with another id, forgotten ones included.</param>
public sealed record ListedNames(IReadOnlySet<string> Items, IReadOnlySet<string> SubjectsOfOthers);
