using System.Runtime.InteropServices;
using Sisa.Corpora;
using Sisa.Sharding;
using Sisa.Torch.Data;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Mlp;
using Sisa.Torch.Optimizers;
using Sisa.Torch.Steps;
using Sisa.Training;
using TorchSharp;
using Architecture = Sisa.Torch.Models.Architecture;

namespace Sisa.Torch.Fusion;

/// <summary>Finds out whether constituents of a recipe, stepped together, come out with the bits that they have when each is stepped alone: on this device,
/// with this libtorch, for so many of them.</summary>
/// <remarks>
/// Libraries choose a kernel for a product by its shape, and the kernel decides in which order it adds up: a product over several constituents need not give the bits
/// of several products. Which kernel it is depends on shapes, layouts and device, not on the numbers, and two orders of addition that differ differ for random numbers
/// somewhere among thousands of sums. So made-up constituents take a few steps both ways, with equal rates and with different ones, and every value and every number
/// of the optimizers' state must be equal. What was found is kept; a proof takes the time of some steps and, for a moment, twice the memory of the training. Not
/// thread-safe.
/// </remarks>
/// <param name="recipe">The recipe; its model must be a multi-layer perceptron.</param>
internal sealed class FusionProof(Recipe recipe)
{
    private const int Steps = 3;

    // Not the recipe's rate, under which training may diverge: values that are not numbers compare as equal whatever came before.
    private const double LearningRate = 1e-2;

    private readonly Dictionary<int, bool> _found = [];

    /// <summary>Whether so many constituents may take full steps together.</summary>
    /// <param name="constituents">Their number. One alone needs no proof.</param>
    public bool Holds(int constituents)
    {
        if (constituents < 2)
        {
            return false;
        }

        if (!_found.TryGetValue(constituents, out var holds))
        {
            // Weights show little of a gradient's last bits; state shows all of them.
            var training = recipe.Training;
            holds = Try(constituents, training)
                && (training is not { Optimizer: OptimizerKind.Sgd, Momentum: 0 } || Try(constituents, training with { Momentum = 0.9 }));
            _found.Add(constituents, holds);
        }

        return holds;
    }

    private bool Try(int constituents, TrainingOptions training)
    {
        var device = torch.device(training.Device);
        var batchSize = training.BatchSize;
        using var architecture = (MlpArchitecture)Architecture.Create(recipe, device);
        using var stack = new FlatStack(constituents, device);
        using var together = new Rig(training, architecture, constituents, row => (stack.Row(row), stack.LossSum(row)));
        using var alone = new Rig(training, architecture, constituents, _ => (null, null));
        using var step = new FusedStep(architecture, stack, 0, together.Optimizers, together.Steps, batchSize);
        using var wide = (DenseBatch)architecture.CreateBatch(constituents * batchSize, device);
        using var narrow = architecture.CreateBatch(batchSize, device);
        var items = new RandomItems(recipe, constituents * batchSize);
        int[] all = [.. Enumerable.Range(0, constituents * batchSize)];
        for (var i = 0; i < Steps; i++)
        {
            double[] rates = [.. Enumerable.Range(0, constituents).Select(row => LearningRate / (1 + (i * row)))];
            wide.Load(items, all);
            step.Run(wide, rates);
            for (var row = 0; row < constituents; row++)
            {
                narrow.Load(items, all.AsSpan(row * batchSize, batchSize));
                alone.Steps[row].Run(narrow, rates[row]);
            }
        }

        return together.HasBitsOf(alone);
    }

    /// <summary>Made-up constituents, each with a number of steps of its own behind it.</summary>
    private sealed class Rig : IDisposable
    {
        public Rig(TrainingOptions training, Architecture architecture, int count, Func<int, (FlatAllocator? Memory, torch.Tensor? LossSum)> place)
        {
            var device = torch.device(training.Device);
            for (var row = 0; row < count; row++)
            {
                var (memory, lossSum) = place(row);
                var parameters = new ParameterSet(architecture.Parameters, device, memory);
                parameters.Initialise(training.Seed, row);
                var optimizer = Optimizer.Create(training, parameters);
                optimizer.StepCount = 10L * row;
                Optimizers.Add(optimizer);
                Steps.Add(new AutogradStep(architecture, parameters, optimizer, lossSum));
            }
        }

        public List<Optimizer> Optimizers { get; } = [];

        public List<AutogradStep> Steps { get; } = [];

        public bool HasBitsOf(Rig other) => Flats().Zip(other.Flats()).All(pair =>
        {
            using var one = OnHost(pair.First);
            using var two = OnHost(pair.Second);
            return one.bytes.SequenceEqual(two.bytes) && AreFinite(ParameterSet.Memory(one));
        });

        public void Dispose()
        {
            Steps.ForEach(step => step.Dispose());
            foreach (var optimizer in Optimizers)
            {
                optimizer.Dispose();
                optimizer.Parameters.Dispose();
            }
        }

        private IEnumerable<torch.Tensor> Flats() =>
            Optimizers.SelectMany(optimizer => optimizer.State.Select(state => state.Flat).Prepend(optimizer.Parameters.Values));

        private static bool AreFinite(ReadOnlySpan<float> numbers)
        {
            foreach (var number in numbers)
            {
                if (!float.IsFinite(number))
                {
                    return false;
                }
            }

            return true;
        }

        private static torch.Tensor OnHost(torch.Tensor flat) => flat.device_type == DeviceType.CPU ? flat.alias() : flat.cpu();
    }

    /// <summary>Random features in the layout of a recipe, random labels.</summary>
    private sealed class RandomItems : ItemSource
    {
        private readonly byte[] _features;
        private readonly int[] _labels;
        private readonly int _stride;

        public RandomItems(Recipe recipe, int count)
        {
            var layout = FeatureLayout.Of(recipe);
            var generator = new SeededGenerator(Seeds.Derive(recipe.Training.Seed, "fusion"));
            _stride = layout.StrideBytes!.Value;
            _features = new byte[count * _stride];
            if (layout.Kind == FeatureKind.Dense)
            {
                generator.FillUniform(MemoryMarshal.Cast<byte, float>(_features.AsSpan()), 1);
            }
            else
            {
                foreach (ref var feature in _features.AsSpan())
                {
                    feature = (byte)generator.NextInt32(256);
                }
            }

            _labels = [.. Enumerable.Range(0, count).Select(_ => generator.NextInt32(recipe.Labels.Count))];
        }

        public override ReadOnlySpan<byte> Features(int index) => _features.AsSpan(index * _stride, _stride);

        public override int Label(int index) => _labels[index];

        public override string Describe(int index) => $"{index}";
    }
}
