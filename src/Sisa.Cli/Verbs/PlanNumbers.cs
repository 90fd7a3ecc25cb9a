using System.CommandLine;
using System.Globalization;
using Sisa.Cli.Terminal;

namespace Sisa.Cli.Verbs;

/// <summary>Reads the numbers of a command line and collects their faults, so that all are reported together.</summary>
/// <param name="parse">The command line.</param>
internal sealed class PlanNumbers(ParseResult parse)
{
    private static readonly (string Suffix, double Bytes)[] Units = [("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1)];

    /// <summary>The remedy for every fault.</summary>
    public const string Hint = "See 'sisa plan --help'.";

    private readonly List<string> _faults = [];

    /// <summary>Adds a fault.</summary>
    public void Add(string fault) => _faults.Add(fault);

    /// <summary>Refuses the command line where anything is wrong with it.</summary>
    /// <exception cref="UsageException">With every fault.</exception>
    public void Throw()
    {
        if (_faults.Count > 0)
        {
            throw new UsageException(string.Join(' ', _faults), Hint);
        }
    }

    /// <summary>A whole number; <see langword="null"/> if it is not given or not one.</summary>
    public long? Whole(Option<string?> option, long min, long max)
    {
        if (parse.GetValue(option) is not { } text)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
        {
            return value;
        }

        Add($"'{option.Name} {text}' is not a whole number from {Figures.Count(min)} to {Figures.Count(max)}.");
        return null;
    }

    /// <summary>A number; <see langword="null"/> if it is not given or not one.</summary>
    public double? Number(Option<string?> option, double min, double max)
    {
        if (parse.GetValue(option) is not { } text)
        {
            return null;
        }

        if (TryNumber(text, out var value) && value >= min && value <= max)
        {
            return value;
        }

        Add($"'{option.Name} {text}' is not a number from {Figures.Count(min)} to {Figures.Count(max)}.");
        return null;
    }

    /// <summary>A share, as 0.05 or 5%.</summary>
    public double? Share(Option<string?> option)
    {
        if (parse.GetValue(option) is not { } text)
        {
            return null;
        }

        if (TryShare(text, out var share))
        {
            return share;
        }

        Add($"'{option.Name} {text}' is not a share: give a number from 0 to 1, or a percentage such as 5%.");
        return null;
    }

    /// <summary>A number of bytes, with or without a unit.</summary>
    public double? Bytes(Option<string?> option)
    {
        if (parse.GetValue(option) is not { } text)
        {
            return null;
        }

        var unit = Array.Find(Units, u => text.EndsWith(u.Suffix, StringComparison.OrdinalIgnoreCase));
        if (TryNumber(text[..^(unit.Suffix?.Length ?? 0)].TrimEnd(), out var value) && value >= 0)
        {
            return value * (unit.Suffix is null ? 1 : unit.Bytes);
        }

        Add($"'{option.Name} {text}' is not a size: give bytes, or a number with kB, MB, GB or TB.");
        return null;
    }

    /// <summary>Whole numbers, in one word or several; empty where none is given.</summary>
    public IReadOnlyList<int> WholeList(Option<string[]> option, int min, int max)
    {
        var values = new SortedSet<int>();
        foreach (var text in (parse.GetValue(option) ?? []).SelectMany(word => word.Split(',')))
        {
            if (int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
            {
                values.Add(value);
            }
            else
            {
                Add($"'{option.Name} {text}' is not a whole number from {Figures.Count(min)} to {Figures.Count(max)}.");
            }
        }

        return [.. values];
    }

    /// <summary>Numbers, in one word or several; empty where none is given.</summary>
    public IReadOnlyList<double> NumberList(Option<string[]> option, double min, double max)
    {
        var values = new SortedSet<double>();
        foreach (var text in (parse.GetValue(option) ?? []).SelectMany(word => word.Split(',')))
        {
            if (TryNumber(text.Trim(), out var value) && value >= min && value <= max)
            {
                values.Add(value);
            }
            else
            {
                Add($"'{option.Name} {text}' is not a number from {Figures.Count(min)} to {Figures.Count(max)}.");
            }
        }

        return [.. values];
    }

    /// <summary>Reads a share.</summary>
    public static bool TryShare(string text, out double share)
    {
        var isPercent = text.EndsWith('%');
        var isNumber = TryNumber(isPercent ? text[..^1].TrimEnd() : text, out share);
        share = isPercent ? share / 100 : share;
        return isNumber && share is >= 0 and <= 1;
    }

    private static bool TryNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
