namespace Sisa.Readers.Formats.Parquet;

/// <summary>A top-level column: one value a row, a list of them, or what no field can be.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Elements">The part of the schema that declares it.</param>
/// <param name="FirstLeaf">Its first column of values, counted over the file.</param>
/// <param name="LeafCount">Columns of values that it has.</param>
internal sealed record ParquetField(string Name, IReadOnlyList<ParquetElement> Elements, int FirstLeaf, int LeafCount)
{
    /// <summary>Type of its values; <see langword="null"/> if it is nested.</summary>
    public ParquetType? Type { get; private init; }

    /// <summary>Whether a row has a list of values.</summary>
    public bool IsList { get; private init; }

    /// <summary>Definition level of a value that is there; 0 where none can be missing.</summary>
    public int MaxDefinition { get; private init; }

    /// <summary>Why no field can be this column, as the rest of a sentence that begins with it; <see langword="null"/> if one can.</summary>
    public string? Problem { get; private init; }

    /// <summary>The remedy for the problem.</summary>
    public string Remedy { get; private init; } = string.Empty;

    /// <summary>Looks at the elements of a column.</summary>
    /// <param name="elements">The elements, the column's own first.</param>
    /// <param name="firstLeaf">Its first column of values.</param>
    public static ParquetField Of(IReadOnlyList<ParquetElement> elements, int firstLeaf)
    {
        var top = elements[0];
        var field = new ParquetField(top.Name, elements, firstLeaf, elements.Count(element => element.Physical is not null));

        // A list is a repeated leaf, a list of repeated leaves as older writers have it, or a list of repeated groups of one leaf (LogicalTypes.md of Apache Parquet).
        var isRepeatedLeaf = elements.Count == 2 && top.IsList && elements[1] is { Physical: not null, IsRepeated: true };
        var isGroupOfLeaf = elements.Count == 3 && top.IsList && elements[1] is { Physical: null, IsRepeated: true, Children: 1 } && elements[2] is { Physical: not null, IsRepeated: false };
        if (!(elements.Count == 1 && top.Physical is not null) && (top.IsRepeated || !(isRepeatedLeaf || isGroupOfLeaf)))
        {
            return field with { Problem = "holds objects or lists of them", Remedy = "Map another column, or flatten the file." };
        }

        var type = ParquetType.Of(elements[^1]);
        return field with
        {
            Type = type,
            IsList = elements.Any(element => element.IsRepeated),
            MaxDefinition = elements.Count(element => element.IsOptional || element.IsRepeated),
            Problem = type.Meaning == ParquetMeaning.Unknown ? $"is of the type {type.Name}, which no field can hold" : null,
            Remedy = "Map another column, or write this one as text or a number.",
        };
    }

    /// <summary>The same column with a problem that its values have.</summary>
    /// <param name="problem">Why they cannot be read, or <see langword="null"/>.</param>
    public ParquetField With(string? problem) => problem is null || Problem is not null ? this : this with
    {
        Problem = $"{problem}; its type is {Type!.Name}",
        Remedy = "Write the file again with zstd or snappy and without encryption, for instance with pyarrow.parquet.write_table(table, path, compression='zstd').",
    };
}
