using System.CommandLine;
using System.Globalization;
using Sisa.Cli.Terminal;
using Sisa.Finding;

namespace Sisa.Cli.Verbs;

/// <summary>How close is close enough: <c>find</c> and <c>forget</c> give it one meaning.</summary>
internal static class FindOptions
{
    public static Option<double?> Threshold { get; } = new("--threshold")
    {
        Description = string.Create(CultureInfo.InvariantCulture, $"Least resemblance of near matches, above 0 and at most 1. Default: {Shingles.DefaultThreshold}."),
        HelpName = "R",
    };

    /// <summary>The threshold that the command line asks for.</summary>
    public static double ThresholdOf(ParseResult parse) => (parse.GetValue(Threshold) ?? Shingles.DefaultThreshold) is > 0 and <= 1 and var threshold
        ? threshold
        : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"'--threshold {parse.GetValue(Threshold)}' is not allowed."), "Give a number above 0 and at most 1.");
}
