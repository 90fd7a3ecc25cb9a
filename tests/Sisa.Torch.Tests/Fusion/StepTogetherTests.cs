using Sisa.Sharding;
using Sisa.Torch.Fusion;
using Sisa.Torch.Models;
using Sisa.Torch.Optimizers;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Tests.Fusion;

/// <summary>The updates of several constituents at once, as loops and as the tensor operations that a device needs.</summary>
public sealed class StepTogetherTests
{
    private const int Rows = 3;

    private static readonly ParameterSpec[] Specs =
    [
        new("a", [3, 5], ParameterStart.Uniform, 1), new("b", [17], ParameterStart.Uniform, 1, Decays: false), new("c", [40, 7], ParameterStart.Uniform, 1),
    ];

    public static TheoryData<string, bool, bool> Ways()
    {
        var data = new TheoryData<string, bool, bool>();
        foreach (var name in TestRecipes.OptimizerNames)
        {
            data.Add(name, true, true);
            data.Add(name, true, false);
            data.Add(name, false, true);
            data.Add(name, false, false);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Rows_end_where_each_ends_alone(string name, bool loops, bool inStep)
    {
        var options = TestRecipes.Optimizer(new TrainingOptions { Clip = 4 }, name);
        using var stack = new FlatStack(Rows, torch.CPU);
        using var together = new Rows3(options, loops, row => stack.Row(row));
        using var alone = new Rows3(options, loops, _ => null);
        var flats = stack.Rows(0, Rows);
        var generator = new SeededGenerator(Seeds.Derive(1, "gradients"));
        for (var step = 0; step < 20; step++)
        {
            double[] rates = [.. Enumerable.Range(0, Rows).Select(row => inStep ? options.LearningRate : options.LearningRate / (1 + row + step))];
            for (var row = 0; row < Rows; row++)
            {
                // Some gradients are longer than the limit and some are not.
                var gradient = new float[280];
                generator.FillUniform(gradient, row == 1 ? 0.1f : 1);
                foreach (var optimizer in new[] { together.Optimizers[row], alone.Optimizers[row] })
                {
                    gradient.CopyTo(ParameterSet.Memory(optimizer.Parameters.Gradients!)[(int)optimizer.Parameters.Offset(2)..]);
                    optimizer.StepCount += !inStep && step == 0 ? 10 * row : 0;
                }

                alone.Optimizers[row].Step(rates[row]);
            }

            Optimizer.StepTogether(together.Optimizers, rates, flats);
        }

        foreach (var flat in flats)
        {
            flat.Dispose();
        }

        for (var row = 0; row < Rows; row++)
        {
            Assert.Equal(alone.Optimizers[row].StepCount, together.Optimizers[row].StepCount);
            Assert.All(alone.Flats(row).Zip(together.Flats(row)), pair => Assert.Equal(pair.First, pair.Second));
        }
    }

    private sealed class Rows3 : IDisposable
    {
        public Rows3(TrainingOptions options, bool loops, Func<int, FlatAllocator?> memory)
        {
            for (var row = 0; row < Rows; row++)
            {
                var parameters = new ParameterSet(Specs, torch.CPU, memory(row));
                parameters.Initialise(5, row);
                var optimizer = Optimizer.Create(options, parameters);
                optimizer.FusedLoops = loops;
                Optimizers.Add(optimizer);
            }
        }

        public List<Optimizer> Optimizers { get; } = [];

        public IEnumerable<float[]> Flats(int row) => Optimizers[row].State.Select(state => state.Flat)
            .Prepend(Optimizers[row].Parameters.Gradients!).Prepend(Optimizers[row].Parameters.Values).Select(flat => ParameterSet.Memory(flat).ToArray());

        public void Dispose()
        {
            foreach (var optimizer in Optimizers)
            {
                optimizer.Dispose();
                optimizer.Parameters.Dispose();
            }
        }
    }
}
