using System.CommandLine;

namespace Sisa.Cli.Verbs;

/// <summary>The folder of the files of a base or a tokenizer.</summary>
internal static class BaseOption
{
    public static Option<string?> Folder { get; } = new("--base")
    {
        Description = "Folder of the open weights or of the tokenizer for the recipe's model. It may be anywhere. Default: the folder that the recipe names, beside the recipe.",
        HelpName = "DIR",
    };
}
