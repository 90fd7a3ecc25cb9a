using TorchSharp;

namespace Sisa.Torch.Tests;

public sealed class CudaTests
{
    public static TheoryData<string> Models() => [.. TestRecipes.ModelNames];

    [Theory]
    [MemberData(nameof(Models))]
    public void Two_runs_and_a_resumed_run_on_the_gpu_give_equal_files(string model)
    {
        Assert.SkipUnless(torch.cuda.is_available(), "No CUDA device, or a libtorch without CUDA.");
        using var bench = new Workbench();
        var recipe = TestRecipes.Model(model);
        recipe = recipe with { Training = recipe.Training with { Device = "cuda" } };
        var slices = bench.Slices(recipe);
        var job = Workbench.Job(recipe, slices, bench.NewFolder());
        var expected = Workbench.Train(job);
        var resumed = Workbench.Job(recipe, slices, bench.NewFolder()) with
        {
            Start = Workbench.Reference(job, expected[0]),
            FirstStage = new Sharding.SliceIndex(2),
        };

        Assert.Equal("cuda", new TorchShardTrainer().Environment(recipe).Device);
        Assert.Equal(expected.Select(r => r.Digest), bench.Train(recipe, slices).Select(r => r.Digest));
        Assert.Equal(expected.Skip(1).Select(r => r.Digest), Workbench.Train(resumed).Select(r => r.Digest));
    }
}
