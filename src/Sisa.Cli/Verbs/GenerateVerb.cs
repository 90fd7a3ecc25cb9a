using System.CommandLine;
using System.Globalization;
using System.Text;
using Sisa.Aggregation;
using Sisa.Cli.Terminal;
using Sisa.Generation;
using Sisa.Serving.Answering;
using Sisa.Training;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa generate</c>: a prompt in, text out as it comes.</summary>
internal static class GenerateVerb
{
    private static readonly SamplingOptions Defaults = new();

    /// <summary>Beginning of the text; may be empty.</summary>
    public static readonly Argument<string> Prompt = new("prompt") { Description = "Beginning of the text; '-' reads it from standard input, to the last byte." };

    private static readonly Option<double> Temperature = Number("--temperature", "Below 1, likely tokens become likelier; 0 always takes the likeliest.", Defaults.Temperature, value => value is >= 0 and <= 1000, "0 to 1000");

    private static readonly Option<int> TopK = Number("--top-k", "Draw from so many of the likeliest tokens; 0 for all.", Defaults.TopK, value => value >= 0, "0 or more");

    private static readonly Option<double> TopP = Number("--top-p", "Draw from the fewest of the likeliest tokens whose probabilities come to this.", Defaults.TopP, value => value is > 0 and <= 1, "above 0, to 1");

    private static readonly Option<double> Penalty = Number("--repetition-penalty", "Above 1, tokens that were generated before are avoided.", Defaults.RepetitionPenalty, value => value is >= 1 and <= 1000, "1 to 1000");

    private static readonly Option<ulong> Seed = Number("--seed", "Same seed, same bundle, same environment: same text.", Defaults.Seed, _ => true, "a whole number");

    private static readonly Option<int> MaxTokens = Number("--max-tokens", "Most tokens of a text.", 256, value => value is >= 1 and <= 10_000_000, "1 to 10000000");

    private static readonly Option<int> Texts = Number("--count", "How many texts to write, each from a stream of its own.", 1, value => value is >= 1 and <= 1_000_000, "1 to 1000000");

    private static readonly Option<string[]> Stop = CreateStop();

    public static Command Create() => new Command(
        "generate",
        "Write on from a prompt: text on standard output as it comes, one JSON object a text with '--json'. A text ends with an error if what is served changes while it is written.")
    {
        Prompt, Temperature, TopK, TopP, Penalty, Seed, Stop, MaxTokens, Texts, ServingOptions.Aggregation, ServingOptions.From, ServingOptions.Device,
    }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var bundle = ServingOptions.OpenBundle(parse, output);
        ServingOptions.Require(TaskKind.LanguageModel, bundle.Recipe, "'sisa generate'", "Run 'sisa predict' for labels.");
        var rule = ServingOptions.Rule(parse, bundle.Recipe);
        var sampling = new SamplingOptions
        {
            Temperature = parse.GetValue(Temperature),
            TopK = parse.GetValue(TopK),
            TopP = parse.GetValue(TopP),
            RepetitionPenalty = parse.GetValue(Penalty),
            Seed = parse.GetValue(Seed),
        };
        using var composer = new Composer(bundle, rule, parse.GetValue(ServingOptions.Device));
        var prompt = composer.Encode(ReadPrompt(parse.GetValue(Prompt)!, cancellation));
        if (prompt.Count == 0)
        {
            throw new UsageException("The prompt is empty, and this tokenizer has no mark that a text could begin with.", "Give a prompt of at least one character.");
        }

        for (var text = 0; text < parse.GetValue(Texts); text++)
        {
            var written = composer.Compose(prompt, new TokenSampler(sampling, text), parse.GetValue(Stop) ?? [], parse.GetValue(MaxTokens), Show(output), cancellation);
            Finish(output, written, rule, sampling.Seed, text);
        }

        return ExitCode.Done;
    }

    private static Action<string> Show(Output output) => output.Json
        ? _ => { }
        : part =>
        {
            output.Data.Write(part);
            output.Data.Flush();
        };

    private static void Finish(Output output, Composition written, AggregationRule rule, ulong seed, int text)
    {
        if (output.Json)
        {
            output.WriteJsonLine(WrittenText.Of(written, text, rule, seed));
            return;
        }

        output.WriteData(string.Empty);
    }

    private static byte[] ReadPrompt(string argument, CancellationToken cancellation)
    {
        if (argument != "-")
        {
            return Encoding.UTF8.GetBytes(argument);
        }

        // Who was cancelled while waiting reads no further: the read in hand goes on until the process ends.
        var utf8 = Task.Run(ReadStandardInput, CancellationToken.None).WaitAsync(cancellation).GetAwaiter().GetResult();
        return System.Text.Unicode.Utf8.IsValid(utf8) ? utf8 : throw new CorpusException("The prompt is no UTF-8.", "Convert it to UTF-8.", "standard input");
    }

    private static byte[] ReadStandardInput()
    {
        using var input = Console.OpenStandardInput();
        using var content = new MemoryStream();
        input.CopyTo(content);
        return content.ToArray();
    }

    private static Option<T> Number<T>(string name, string description, T defaultValue, Func<T, bool> isPossible, string allowed)
        where T : struct, IFormattable, IParsable<T>
    {
        var option = new Option<T>(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => defaultValue,
            CustomParser = result =>
            {
                // A dot is a dot, whatever the machine's language.
                var given = result.Tokens.Single().Value;
                if (T.TryParse(given, CultureInfo.InvariantCulture, out var value) && isPossible(value))
                {
                    return value;
                }

                result.AddError($"'{name} {given}' is not possible; allowed: {allowed}.");
                return defaultValue;
            },
        };
        return option;
    }

    private static Option<string[]> CreateStop()
    {
        var option = new Option<string[]>("--stop")
        {
            Description = "Texts that end a text before them; may be given several times.",
            HelpName = "TEXT",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0))
            {
                result.AddError("'--stop' is empty, which would end every text at once; give a text.");
            }
        });
        return option;
    }
}
