using System.CommandLine;
using Sisa.Cli.Terminal;

namespace Sisa.Cli.Tests.Terminal;

public sealed class StepWordsTests
{
    private static readonly RootCommand Root = Program.CreateRoot();

    public static TheoryData<Step> Every() => [.. Enum.GetValues<Step>()];

    [Theory]
    [MemberData(nameof(Every))]
    public void Every_step_is_spelled_as_a_verb_or_an_option_that_the_program_has(Step step)
    {
        var words = StepWords.Of(step, string.Empty).Split('>')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words[0] == "sisa")
        {
            Command command = Root;
            while (words.Skip(1).Select(word => command.Subcommands.FirstOrDefault(inner => inner.Name == word)).FirstOrDefault(found => found is not null) is { } inner)
            {
                command = inner;
            }

            Assert.NotSame(Root, command);
            Assert.All(words.Where(IsOption), option => Assert.Contains(option, OptionsOf(command)));
        }
        else
        {
            Assert.Contains(words[0], Commands(Root).SelectMany(OptionsOf));
        }
    }

    [Fact]
    public void A_value_stands_behind_its_step()
    {
        Remedy remedy = $"Change it with {Step.SetKey.With("training.epochs=8")}, or run {Step.RotateKey}.";

        Assert.Equal("Change it with '--set training.epochs=8', or run 'sisa keys rotate'.", StepWords.Of(remedy));
    }

    private static bool IsOption(string word) => word.StartsWith("--", StringComparison.Ordinal);

    private static IEnumerable<string> OptionsOf(Command command) => command.Options.Concat(Root.Options).Select(option => option.Name);

    private static IEnumerable<Command> Commands(Command command) => command.Subcommands.SelectMany(Commands).Prepend(command);
}
