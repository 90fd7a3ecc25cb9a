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
    public static readonly Argument<string> Prompt = new("prompt") { Description = "Beginning of the text. '-' reads all of standard input." };

    private static readonly Option<double> Temperature = Number("--temperature", "Temperature. Below 1, likely tokens become likelier; 0 always takes the likeliest token.", Defaults.Temperature, value => value is >= 0 and <= 1000, "0 to 1000");

    private static readonly Option<int> TopK = Number("--top-k", "Draw from this number of likeliest tokens; 0 for all.", Defaults.TopK, value => value >= 0, "0 or more");

    private static readonly Option<double> TopP = Number("--top-p", "Draw from the fewest likeliest tokens whose probabilities add up to this.", Defaults.TopP, value => value is > 0 and <= 1, "above 0, to 1");

    private static readonly Option<double> Penalty = Number("--repetition-penalty", "Above 1, tokens that already occurred become less likely.", Defaults.RepetitionPenalty, value => value is >= 1 and <= 1000, "1 to 1000");

    private static readonly Option<ulong> Seed = Number("--seed", "Seed. The same seed, bundle and environment give the same text.", Defaults.Seed, _ => true, "a whole number");

    private static readonly Option<int> MaxTokens = Number("--max-tokens", "Largest number of tokens of a text.", 256, value => value is >= 1 and <= 10_000_000, "1 to 10000000");

    private static readonly Option<int> Texts = Number("--count", "Number of texts. Each has a random stream of its own.", 1, value => value is >= 1 and <= 1_000_000, "1 to 1000000");

    private static readonly Option<string[]> Stop = CreateStop();

    public static Command Create() => new Command(
        "generate",
        "Continue a prompt. The text goes to standard output as it is generated; with '--json', one JSON object a text. The text ends with an error if the bundle changes meanwhile.")
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
            throw new UsageException("The prompt is empty, and this tokenizer has no mark for the beginning of a text.", "Give a prompt of at least one character.");
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
        return System.Text.Unicode.Utf8.IsValid(utf8) ? utf8 : throw new CorpusException("The prompt is not valid UTF-8.", "Convert it to UTF-8.", "standard input");
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
                // Use a decimal point, whatever the language of the machine.
                var given = result.Tokens.Single().Value;
                if (T.TryParse(given, CultureInfo.InvariantCulture, out var value) && isPossible(value))
                {
                    return value;
                }

                result.AddError($"'{name} {given}' is not allowed; expected {allowed}.");
                return defaultValue;
            },
        };
        return option;
    }

    private static Option<string[]> CreateStop()
    {
        var option = new Option<string[]>("--stop")
        {
            Description = "Text that ends the output, and is not part of it. May be given several times.",
            HelpName = "TEXT",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0))
            {
                result.AddError("'--stop' is empty, which would end every text at once. Give a text.");
            }
        });
        return option;
    }
}
