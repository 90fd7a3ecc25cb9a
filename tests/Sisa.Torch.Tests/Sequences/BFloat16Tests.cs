using Sisa.Checkpoints;
using Sisa.Training;

namespace Sisa.Torch.Tests.Sequences;

public sealed class BFloat16Tests
{
    private static readonly Recipe Full = TestRecipes.Model("decoder");

    private static readonly Recipe Recipe = Full with { Training = Full.Training with { Precision = ComputePrecision.BFloat16 } };

    [Fact]
    public void Products_in_bfloat16_give_weights_of_their_own_equal_at_every_run_and_after_every_restart()
    {
        Assert.SkipUnless(CpuModel.HasBFloat16(), "The processor has no bfloat16.");
        using var bench = new Workbench();
        var slices = bench.Slices(Recipe);
        var job = Workbench.Job(Recipe, slices, bench.NewFolder());
        var results = Workbench.Train(job);

        Assert.Equal(results.Select(r => r.Digest), bench.Train(Recipe, slices).Select(r => r.Digest));
        var resumed = Workbench.Train(job with { Start = Workbench.Reference(job, results[0]), FirstStage = job.FirstStage.Next, CheckpointFolder = bench.NewFolder() });
        Assert.Equal(results.Skip(1).Select(r => r.Digest), resumed.Select(r => r.Digest));
        Assert.NotEqual(results[2].Tensors, bench.Train(Full, slices)[2].Tensors);
        Assert.All(results, r => Assert.True(double.IsFinite(r.Loss!.Value)));
    }

    [Fact]
    public void The_precision_is_part_of_the_environment_and_a_processor_without_it_is_an_error()
    {
        var trainer = new TorchShardTrainer();
        var full = trainer.Environment(Full);
        if (CpuModel.HasBFloat16())
        {
            var half = trainer.Environment(Recipe);

            // Products in bfloat16 are oneDNN's, which chooses by the processor under either profile.
            Assert.Equal(full with { Precision = ComputePrecision.BFloat16, Cpu = half.Cpu, CpuFeatures = half.CpuFeatures, CpuCaches = half.CpuCaches }, half);
            Assert.NotNull(half.Cpu);
            Assert.NotEqual(full.ToDigest(), half.ToDigest());
        }
        else
        {
            Assert.Contains("bfloat16", Assert.Throws<EnvironmentException>(() => trainer.Environment(Recipe)).Message, StringComparison.Ordinal);
        }
    }
}
