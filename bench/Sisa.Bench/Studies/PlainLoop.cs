using System.Diagnostics;
using System.Globalization;
using Sisa.Sharding;
using Sisa.Torch.Native;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Bench.Studies;

/// <summary>Runs <see cref="PlainTraining"/> in a process of its own, on one thread, as somebody does who has no Sisa: the yardstick of <see cref="LanguageThroughputStudy"/>.</summary>
internal static class PlainLoop
{
    /// <summary>Trains so many tokens and says how long it took.</summary>
    public static void Run(long tokens)
    {
        NativeRuntime.Start(new Recipe());
        using var training = new PlainTraining();
        var (windows, context) = (TrainedDecoder.Windows, TrainedDecoder.Options.Context);
        var generator = new SeededGenerator(Seeds.Derive(17, "plain loop"));
        var steps = tokens / (windows * context);
        var window = new long[windows * FullWindows.Length];
        var clock = Stopwatch.StartNew();
        for (var step = 0L; step < steps; step++)
        {
            using var scope = torch.NewDisposeScope();
            for (var i = 0; i < window.Length; i++)
            {
                window[i] = generator.NextInt32(256);
            }

            var tokens_NT = torch.tensor(window).view(windows, FullWindows.Length);
            training.Step(tokens_NT.narrow(1, 0, context), tokens_NT.narrow(1, 1, context));
        }

        Console.WriteLine(clock.Elapsed.TotalSeconds.ToString("R", CultureInfo.InvariantCulture));
    }
}
