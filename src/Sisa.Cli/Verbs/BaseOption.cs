using System.CommandLine;

namespace Sisa.Cli.Verbs;

/// <summary>Where the files of a base or a tokenizer lie.</summary>
internal static class BaseOption
{
    public static Option<string?> Folder { get; } = new("--base")
    {
        Description = "Folder of the open weights, or of the tokenizer, that the recipe's model needs; it may lie anywhere. Without it, the recipe names one beside itself.",
        HelpName = "DIR",
    };
}
