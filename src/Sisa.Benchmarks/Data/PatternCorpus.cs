using System.Globalization;
using System.Text;
using Sisa.Sharding;

namespace Sisa.Benchmarks.Data;

/// <summary>A generated corpus of bit patterns in the shape of Purchase: 600 bits an item, 2 or 100 classes.</summary>
/// <remarks>
/// Pure: rows follow from the options alone, on every machine. Each class is a few <i>modes</i>, patterns that resemble the pattern of the class, as a kind of shopper has several habits; an item is a
/// mode with every bit flipped with some probability. A model has to see enough of a mode to know it, so that small shards with many classes lose accuracy and two classes hardly do. Purchase itself
/// (Kaggle's <i>Acquire Valued Shoppers</i>, clustered) may not be handed on; nothing here is taken from it but its shape.
/// </remarks>
/// <param name="options">The settings.</param>
public sealed class PatternCorpus(PatternOptions options)
{
    /// <summary>The settings.</summary>
    public PatternOptions Options { get; } = options;

    /// <summary>The id of an item; all have the same length.</summary>
    /// <param name="index">From 0; those from <see cref="PatternOptions.TrainingItems"/> on are held out.</param>
    public static string IdOf(int index) => string.Create(CultureInfo.InvariantCulture, $"item-{index:000000}");

    /// <summary>Names of the classes, in the order of the recipe.</summary>
    public IReadOnlyList<string> Labels => [.. Enumerable.Range(0, Options.Classes).Select(LabelOf)];

    /// <summary>Writes rows of JSON lines: id, label, risk class and bits.</summary>
    /// <param name="training">Receives the items to train on.</param>
    /// <param name="heldOut">Receives the items that are held out.</param>
    /// <param name="risk">The risk class of an item, or <see langword="null"/> for rows without one.</param>
    /// <param name="cancellation">Ends the writing.</param>
    public void Write(TextWriter training, TextWriter heldOut, Func<int, string>? risk, CancellationToken cancellation)
    {
        var modes = Modes();
        var shares = CumulatedShares();
        var generator = Stream("items");
        var flip = (ushort)(Options.NoiseShare * ushort.MaxValue);
        var bits = new bool[Options.Bits];
        var line = new StringBuilder();
        for (var i = 0; i < Options.Items; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var at = Array.BinarySearch(shares, (generator.NextUInt64() >> 11) * Math.Pow(2, -53));
            var label = at >= 0 ? at + 1 : ~at;
            Flip(modes[label][generator.NextInt32(Options.ModesPerClass)], bits, flip, generator);
            line.Clear().Append(CultureInfo.InvariantCulture, $"{{\"id\":\"{IdOf(i)}\",\"label\":\"{LabelOf(label)}\"");
            if (risk is not null)
            {
                line.Append(CultureInfo.InvariantCulture, $",\"risk\":\"{risk(i)}\"");
            }

            line.Append(",\"bits\":[");
            foreach (var bit in bits)
            {
                line.Append(bit ? '1' : '0').Append(',');
            }

            line[^1] = ']';
            (i < Options.TrainingItems ? training : heldOut).Write(line.Append("}\n"));
        }
    }

    private static string LabelOf(int label) => string.Create(CultureInfo.InvariantCulture, $"class-{label:00}");

    // Ends of the classes' shares in [0, 1): class c has a share in proportion to (c + 1)^−skew.
    private double[] CumulatedShares()
    {
        double[] weights = [.. Enumerable.Range(1, Options.Classes).Select(rank => Math.Pow(rank, -Options.ClassSkew))];
        var (sum, total) = (0.0, weights.Sum());
        return [.. weights.SkipLast(1).Select(weight => (sum += weight) / total)];
    }

    private bool[][][] Modes()
    {
        var generator = Stream("modes");
        var half = (ushort)(ushort.MaxValue / 2);
        var spread = (ushort)(Options.ModeSpread * ushort.MaxValue);
        return
        [
            .. Enumerable.Range(0, Options.Classes).Select(_ =>
            {
                var pattern = Flipped(new bool[Options.Bits], half, generator);
                return Enumerable.Range(0, Options.ModesPerClass).Select(_ => Flipped(pattern, spread, generator)).ToArray();
            }),
        ];
    }

    private SeededGenerator Stream(string purpose) => new(Seeds.Derive(Options.Seed, $"pattern corpus/{purpose}", Options.Classes));

    private static bool[] Flipped(bool[] pattern, ushort below, SeededGenerator generator)
    {
        var flipped = new bool[pattern.Length];
        Flip(pattern, flipped, below, generator);
        return flipped;
    }

    // Sixteen random bits decide a flip: four of them come out of one number of the generator.
    private static void Flip(bool[] pattern, bool[] result, ushort below, SeededGenerator generator)
    {
        ulong random = 0;
        for (var i = 0; i < pattern.Length; i++)
        {
            random = i % 4 == 0 ? generator.NextUInt64() : random >> 16;
            result[i] = pattern[i] ^ ((ushort)random < below);
        }
    }
}

/// <summary>The settings of a <see cref="PatternCorpus"/>.</summary>
public sealed record PatternOptions
{
    /// <summary>Items in all; Purchase has 250,000.</summary>
    public int Items { get; init; } = 250_000;

    /// <summary>Bits an item; Purchase has 600.</summary>
    public int Bits { get; init; } = 600;

    /// <summary>Number of classes.</summary>
    public required int Classes { get; init; }

    /// <summary>How unequal the classes are: the share of the class of rank r falls as r to minus this power (Zipf); 0 for equal shares.</summary>
    public double ClassSkew { get; init; } = 1;

    /// <summary>Modes of each class.</summary>
    public int ModesPerClass { get; init; } = 5;

    /// <summary>Probability with which a bit of a mode differs from its class.</summary>
    public double ModeSpread { get; init; } = 0.3;

    /// <summary>Probability with which a bit of an item differs from its mode.</summary>
    public double NoiseShare { get; init; } = 0.38;

    /// <summary>Share of the items that is held out for accuracy.</summary>
    public double HeldOutShare { get; init; } = 0.1;

    /// <summary>Seed of everything random.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Items that are trained on.</summary>
    public int TrainingItems => Items - (int)(Items * HeldOutShare);
}
