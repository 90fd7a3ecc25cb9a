using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace Sisa.Cli.Tests.Surface;

/// <summary>The library speaks no shell: what it says names steps (<see cref="Step"/>), and only the command line spells verbs and options.</summary>
public sealed partial class ShellWordsTests
{
    // The cost study measures the program as its users run it: these are arguments of that program, each a string of its own, and never part of a sentence.
    private const string RunsTheProgram = "Sisa.Benchmarks";

    private static readonly Regex Verb = new($@"\bsisa ({string.Join('|', Program.CreateRoot().Subcommands.Select(verb => verb.Name))})\b", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    public static TheoryData<string> Assemblies() => [.. Product()];

    /// <summary>Every assembly of the product but the program itself.</summary>
    internal static IEnumerable<string> Product() => Directory.EnumerateFiles(AppContext.BaseDirectory, "Sisa.*.dll")
        .Select(path => Path.GetFileNameWithoutExtension(path)!)
        .Where(name => name is not ("Sisa.Cli.Tests" or "Sisa.TestKit" or "Sisa.Checker"))
        .Order(StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void No_string_outside_the_command_line_names_a_verb_or_an_option(string assembly)
    {
        var shell = Strings(assembly).Where(text => Verb.IsMatch(text) || Option().IsMatch(text)).Where(text => assembly != RunsTheProgram || !Argument().IsMatch(text));

        Assert.Empty(shell);
    }

    [Fact]
    public void The_command_line_itself_is_full_of_them()
    {
        Assert.Contains(Strings("sisa"), text => Verb.IsMatch(text));
        Assert.Contains(Strings("sisa"), text => Option().IsMatch(text));
        Assert.Superset(new HashSet<string>(["Sisa.Core", "Sisa.Storage", "Sisa.Readers", "Sisa.Engine", "Sisa.Torch", RunsTheProgram]), Product().ToHashSet());
    }

    // Every string literal of an assembly, and the fixed parts of its interpolated strings.
    private static List<string> Strings(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")));
        var metadata = file.GetMetadataReader();
        var strings = new List<string>();
        for (var handle = MetadataTokens.UserStringHandle(1); !handle.IsNil; handle = metadata.GetNextHandle(handle))
        {
            strings.Add(metadata.GetUserString(handle));
        }

        return strings;
    }

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]*", RegexOptions.None, 1_000)]
    private static partial Regex Option();

    [GeneratedRegex("^--[a-z-]+$", RegexOptions.None, 1_000)]
    private static partial Regex Argument();
}
