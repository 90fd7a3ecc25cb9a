using Sisa.Sharding;
using Sisa.Torch.Models;
using Sisa.Torch.Optimizers;
using Sisa.Training;
using TorchSharp;
using TorchSharp.Modules;

namespace Sisa.Torch.Tests;

public sealed class OptimizerTests
{
    private static readonly ParameterSpec[] Specs =
    [
        new("a", [3, 5], ParameterStart.Uniform, 1), new("b", [17], ParameterStart.Uniform, 1),
    ];

    public static TheoryData<string, bool> Optimizers()
    {
        var data = new TheoryData<string, bool>();
        foreach (var name in TestRecipes.OptimizerNames)
        {
            data.Add(name, true);
            data.Add(name, false);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Twenty_steps_end_where_torch_optim_ends(string name, bool fusedLoops)
    {
        var options = TestRecipes.Optimizer(new TrainingOptions(), name);
        using var ours = new ParameterSet(Specs, torch.CPU);
        ours.Initialise(5, 0);
        using var optimizer = Optimizer.Create(options, ours);
        optimizer.FusedLoops = fusedLoops;
        using var scope = torch.NewDisposeScope();
        Parameter[] theirs = [.. Specs.Select((_, i) => new Parameter(ours[i].clone()))];
        using var reference = Reference(options, theirs);
        var generator = new SeededGenerator(Seeds.Derive(1, "gradients"));
        for (var step = 0; step < 20; step++)
        {
            for (var i = 0; i < Specs.Length; i++)
            {
                var gradient = new float[Specs[i].Count];
                generator.FillUniform(gradient, 1);
                gradient.CopyTo(ParameterSet.Memory(ours.Gradients!)[(int)ours.Offset(i)..]);
                theirs[i].grad = torch.tensor(gradient).view(Specs[i].Shape);
            }

            optimizer.Step(options.LearningRate);
            reference.step();
        }

        Assert.Equal(20, optimizer.StepCount);
        Assert.All(ParameterSet.Memory(ours.Gradients!).ToArray(), g => Assert.Equal(0, g));
        for (var i = 0; i < Specs.Length; i++)
        {
            Assert.True((ours[i] - theirs[i]).abs().max().item<float>() < 1e-6f, $"{Specs[i].Name} differs");
        }
    }

    private static torch.optim.Optimizer Reference(TrainingOptions options, Parameter[] parameters) => options.Optimizer switch
    {
        OptimizerKind.Sgd => torch.optim.SGD(parameters, options.LearningRate, options.Momentum, weight_decay: options.WeightDecay),
        OptimizerKind.Adam => torch.optim.Adam(parameters, options.LearningRate, weight_decay: options.WeightDecay),
        _ => torch.optim.AdamW(parameters, options.LearningRate, weight_decay: options.WeightDecay),
    };
}
