using System.CommandLine;

namespace Sisa.Cli.Terminal;

/// <summary>Options whose values are the names of an enumeration, written as recipes and JSON write them.</summary>
internal static class NamedOption
{
    /// <summary>Makes an option that must be one of the names, or is the default.</summary>
    /// <param name="name">Name of the option.</param>
    /// <param name="description">Its meaning.</param>
    /// <param name="defaultValue">The default for the help; <see langword="null"/> for none.</param>
    public static Option<T?> Create<T>(string name, string description, T? defaultValue = null)
        where T : struct, Enum
    {
        var values = KebabName.All<T>();
        var option = new Option<T?>(name)
        {
            // In words: of a default value, help would show the name that the code gives it.
            Description = defaultValue is { } value ? $"{description} Default: {KebabName.Of(value)}." : description,
            HelpName = string.Join('|', values.Keys),
            CustomParser = result =>
            {
                var text = result.Tokens.Single().Value;
                if (values.TryGetValue(text, out var named))
                {
                    return named;
                }

                result.AddError($"'{name} {text}' is unknown; expected one of {string.Join(", ", values.Keys)}.");
                return null;
            },
        };
        return option;
    }
}
