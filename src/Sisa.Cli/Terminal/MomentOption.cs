using System.CommandLine;
using Sisa.Readers.Lists;

namespace Sisa.Cli.Terminal;

/// <summary>Options whose values are days or moments.</summary>
internal static class MomentOption
{
    /// <summary>Makes an option.</summary>
    /// <param name="name">Name of the option.</param>
    /// <param name="description">Its meaning.</param>
    /// <param name="endsDay">Whether a day stands for its last second.</param>
    public static Option<DateTimeOffset?> Create(string name, string description, bool endsDay) => new(name)
    {
        Description = description,
        HelpName = "DAY",
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (MomentText.Parse(text, endsDay) is { } moment)
            {
                return moment;
            }

            result.AddError($"'{name} {text}' is not a date. {MomentText.Expected}");
            return null;
        },
    };
}
