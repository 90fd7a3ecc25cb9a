namespace Sisa.Cli.Quickstart.Languages;

/// <summary>The languages of the sample: nine, in six scripts.</summary>
internal static class SampleLanguages
{
    /// <summary>All of them, in a fixed order: the bytes of the sample depend on it.</summary>
    public static IReadOnlyList<SampleLanguage> All { get; } =
    [
        English.Table,
        German.Table,
        Spanish.Table,
        Turkish.Table,
        Greek.Table,
        Russian.Table,
        Arabic.Table,
        Hindi.Table,
        Chinese.Table,
    ];
}
