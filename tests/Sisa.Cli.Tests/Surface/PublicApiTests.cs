using System.CommandLine;
using System.Reflection;
using System.Text;
using PublicApiGenerator;

namespace Sisa.Cli.Tests.Surface;

/// <summary>What others build on: the public members of each assembly, and the verbs and options of the program, as <c>Api/</c> has them.</summary>
public sealed class PublicApiTests
{
    private static readonly ApiGeneratorOptions Options = new() { IncludeAssemblyAttributes = false, ExcludeAttributes = ["System.Runtime.CompilerServices.NullableAttribute", "System.Runtime.CompilerServices.NullableContextAttribute"] };

    public static TheoryData<string> Assemblies() => [.. ShellWordsTests.Product().Where(name => name != "Sisa.Benchmarks")];

    [Theory]
    [Trait("surface", "snapshot")]
    [MemberData(nameof(Assemblies))]
    public void The_public_interface_of_an_assembly_is_the_committed_one(string assembly) =>
        Snapshot.Require(Path.Combine("Api", assembly + ".txt"), Assembly.Load(assembly).GeneratePublicApi(Options).ReplaceLineEndings("\n") + "\n");

    [Fact]
    [Trait("surface", "snapshot")]
    public void The_verbs_and_options_of_the_program_are_the_committed_ones()
    {
        var text = new StringBuilder();
        Describe(Program.CreateRoot(), "sisa", text);
        Snapshot.Require(Path.Combine("Api", "Sisa.Cli.txt"), text.ToString());
    }

    private static void Describe(Command command, string path, StringBuilder text)
    {
        text.Append(path).Append('\n');
        foreach (var argument in command.Arguments)
        {
            text.Append($"    <{argument.Name}> {TypeOf(argument.ValueType)} {argument.Arity.MinimumNumberOfValues}..{argument.Arity.MaximumNumberOfValues}\n");
        }

        foreach (var option in command.Options.OrderBy(option => option.Name, StringComparer.Ordinal))
        {
            text.Append($"    {string.Join(' ', option.Aliases.Order(StringComparer.Ordinal).Prepend(option.Name))} {TypeOf(option.ValueType)}\n");
        }

        foreach (var inner in command.Subcommands)
        {
            Describe(inner, $"{path} {inner.Name}", text);
        }
    }

    private static string TypeOf(Type type) => type.IsArray ? $"{TypeOf(type.GetElementType()!)}[]" : (Nullable.GetUnderlyingType(type) ?? type).Name;
}
