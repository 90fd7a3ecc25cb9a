using System.Diagnostics;
using System.Globalization;
using Sisa.Sharding;
using Sisa.Torch.Native;
using Sisa.Training;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Bench.Studies;

/// <summary>Trains <see cref="PlainDecoder"/> in a process of its own, on one thread, as somebody does who has no Sisa: the yardstick of <see cref="LanguageThroughputStudy"/>.</summary>
internal static class PlainLoop
{
    /// <summary>Sizes of the model and of a step.</summary>
    public static DecoderOptions Options { get; } = new() { Layers = 4, Width = 128, Heads = 4, Context = 128 };

    /// <summary>Windows a step.</summary>
    public const int Windows = 8;

    /// <summary>Trains so many tokens and says how long it took.</summary>
    public static void Run(long tokens)
    {
        NativeRuntime.Start(new Recipe());
        torch.random.manual_seed(17);
        using var module = new PlainDecoder(Options.Vocabulary, Options.Layers, Options.Width, Options.Heads, Options.Shape.Hidden, Options.Context);
        using var optimizer = torch.optim.AdamW(module.parameters(), 1e-3, weight_decay: 0.1);
        var generator = new SeededGenerator(Seeds.Derive(17, "plain loop"));
        var steps = tokens / (Windows * Options.Context);
        var window = new long[Windows * (Options.Context + 1)];
        var clock = Stopwatch.StartNew();
        for (var step = 0L; step < steps; step++)
        {
            using var scope = torch.NewDisposeScope();
            for (var i = 0; i < window.Length; i++)
            {
                window[i] = generator.NextInt32(256);
            }

            var tokens_NT = torch.tensor(window).view(Windows, Options.Context + 1);
            optimizer.zero_grad();
            var logits = module.call(tokens_NT.narrow(1, 0, Options.Context));
            var loss = functional.cross_entropy(logits.view(-1, Options.Vocabulary), tokens_NT.narrow(1, 1, Options.Context).reshape(-1));
            loss.backward();
            utils.clip_grad_norm_(module.parameters(), 1);
            optimizer.step();
        }

        Console.WriteLine(clock.Elapsed.TotalSeconds.ToString("R", CultureInfo.InvariantCulture));
    }
}
