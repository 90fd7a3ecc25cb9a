using System.CommandLine;
using Sisa.Cli.Terminal;

namespace Sisa.Cli.Serving;

/// <summary>Options of the verbs that answer.</summary>
internal static class ServingOptions
{
    public static Option<string?> From { get; } = new("--from") { Description = "Answer from a folder that 'sisa export' wrote, without the store.", HelpName = "DIR" };

    public static Option<string?> Device { get; } = CreateDevice();

    /// <summary>The bundle that the command line names.</summary>
    public static IBundleSource OpenBundle(ParseResult parse) =>
        parse.GetValue(From) is { } folder ? new ExportedEnsemble(folder) : new StoreBundle(CommonOptions.OpenStore(parse));

    private static Option<string?> CreateDevice()
    {
        var option = new Option<string?>("--device") { Description = "Where answers are computed; default: where the recipe trains.", HelpName = "cpu|cuda|cuda:N" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } device && !IsDevice(device))
            {
                result.AddError($"'--device {device}' is unknown; expected cpu, cuda, or cuda:N with the number of a device.");
            }
        });
        return option;
    }

    private static bool IsDevice(string device) =>
        device is "cpu" or "cuda" || (device.StartsWith("cuda:", StringComparison.Ordinal) && device.Length is 6 or 7 && device[5..].All(char.IsAsciiDigit));
}
