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

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void What_does_not_decay_stays_where_it_is_without_a_gradient(string name, bool fusedLoops)
    {
        ParameterSpec[] specs = [new("matrix", [3, 5], ParameterStart.Ones), new("gains", [17], ParameterStart.Ones, Decays: false), new("other", [2, 2], ParameterStart.Ones)];
        var options = TestRecipes.Optimizer(new TrainingOptions(), name);
        using var parameters = new ParameterSet(specs, torch.CPU);
        parameters.Initialise(5, 0);
        using var optimizer = Optimizer.Create(options, parameters);
        optimizer.FusedLoops = fusedLoops;
        optimizer.Step(options.LearningRate);

        using var scope = torch.NewDisposeScope();
        Assert.Equal(1, parameters[1].min().item<float>());
        Assert.Equal(1, parameters[1].max().item<float>());
        foreach (var decaying in new[] { parameters[0], parameters[2] })
        {
            Assert.Equal(options.WeightDecay > 0, decaying.max().item<float>() < 1);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradients_are_shortened_as_clip_grad_norm_shortens_them_and_short_ones_are_left_alone(bool fusedLoops)
    {
        foreach (var (scale, longest) in new[] { (1f, 0.5), (1f, 1e6), (1e-3f, 0.5) })
        {
            var values = new float[32];
            new SeededGenerator(Seeds.Derive(2, "gradients")).FillUniform(values, scale);
            using var scope = torch.NewDisposeScope();
            var theirs = new Parameter(torch.zeros(32)) { grad = torch.tensor(values) };
            torch.nn.utils.clip_grad_norm_([theirs], longest);
            var ours = torch.tensor(values);
            if (fusedLoops)
            {
                GradientClip.Apply(ParameterSet.Memory(ours), longest);
            }
            else
            {
                GradientClip.Apply(ours, longest);
            }

            Assert.True((ours - theirs.grad!).abs().max().item<float>() < 1e-7f);
            Assert.Equal(scale * 3 > longest && longest < 1, (ours - torch.tensor(values)).abs().max().item<float>() > 0);
        }
    }

    private static torch.optim.Optimizer Reference(TrainingOptions options, Parameter[] parameters) => options.Optimizer switch
    {
        OptimizerKind.Sgd => torch.optim.SGD(parameters, options.LearningRate, options.Momentum, weight_decay: options.WeightDecay),
        OptimizerKind.Adam => torch.optim.Adam(parameters, options.LearningRate, weight_decay: options.WeightDecay),
        _ => torch.optim.AdamW(parameters, options.LearningRate, weight_decay: options.WeightDecay),
    };
}
