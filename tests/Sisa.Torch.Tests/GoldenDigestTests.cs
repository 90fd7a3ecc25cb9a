using System.Runtime.InteropServices;
using System.Text;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Torch.Tests;

/// <summary>Watches <see cref="TrainingCode.Version"/>: equal recipes and items must give equal bytes until that number is raised.</summary>
public sealed class GoldenDigestTests
{
    /// <summary>Tensor digests of initial states: integers and one rounding each, so equal on every machine.</summary>
    private static readonly Dictionary<string, string> Initial = new(StringComparer.Ordinal)
    {
        ["mlp"] = "ed6c90c6ba4fc43be383f9fa8ae8ed23365a7194fd4a297d46aca7d872428619",
        ["mlp-linear"] = "94f3557cbb09449b0c8df4a441c3b751ce4868b3cc1b5f136e6b97ff3629162f",
        ["cnn"] = "e98cfb986cca4195b2a5fafbd05b24c6bf0b741397567e90f44ff2ae80f58e84",
        ["bag"] = "6669c87f91985c604a93d36fa01583f9d4f37bab0a03ce4b6cd7f7b7703708ae",
        ["encoder"] = "ea16ccc72a301cab7b8290796095940b582153680ae33a779b1e4390028c90b0",
        ["decoder"] = "22d7acdd2010dc7377e924717f7e4bb615656c57501580d58219b1de0373c4e8",
        ["decoder-untied"] = "5e4786157ac5b926fc0f6cd4b4ea7484cae8f1cb3c59dea85d331410c37b4e02",
        ["decoder-from-base"] = "e743ca167294dcc4ae82309c2ef8a37d4331649d93f3dce3a461607ddf961eec",
        ["adapter"] = "a33341496b4b4739258f37ccbf1c991d1baf7220b079b146cb88374c8b5647bb",
        ["adapter-head"] = "97707b90f6bf33905ed56e9785b972dd88b87704d7e37f36fa079148480ec10d",
    };

    /// <summary>Tensor digests after training, by what the bits depend on.</summary>
    private static readonly Dictionary<string, string> Trained = new(StringComparer.Ordinal)
    {
        // numerics: portable, Linux x64, no libtorch: any processor
        ["5ed99ac803eb/mlp"] = "73bf3d66b88980827066af1d08c9a1dc9553bdf16b495e477d2a6c0a7f83fb88",
        ["5ed99ac803eb/mlp-linear"] = "6243a3a07fccba10e446981abf6feb29cc651332509bae9fdf923a0ef640afd1",

        // numerics: portable, one thread, libtorch 2.10.0 on Linux x64
        ["2891b1e653fe/cnn"] = "fc3173b449f23f74b803251c2abe9f7e10e221988c64e1fcae584be4385b29a2",
        ["2891b1e653fe/bag"] = "fd82a9eb73e3c58277ab51ade8530b0b0a8e37b4f35e8b7dd6c35f2656e64007",
        ["2891b1e653fe/encoder"] = "bf7a3f9e94fce5b339bf717eea0b39d0b96cb5cd0f7b57b4a15818613cf0c0b9",
        ["2891b1e653fe/decoder"] = "cc00a7d333c1d4576ab9710899dbaee69bb56f81fb3dd21b013c587698612c6a",
        ["2891b1e653fe/decoder-untied"] = "c185a6bf6e067cb344b4ef6edb851e75149c44e1e796a5d2078c4cf65fd0553e",
        ["2891b1e653fe/decoder-from-base"] = "a847a2a59857c3eaeb12332136b46853f1675738b4f592822a61b83827dd361d",
        ["2891b1e653fe/adapter"] = "f195596a11000ab6ecc58065dfab9403787db28743b264bee0881b2c808d7e63",
        ["2891b1e653fe/adapter-head"] = "a94ea52fad0aa6af9e1679792fc4b2c062f2e5d1f831287b66c0b324d46eb283",
    };

    public static TheoryData<string> Models() => [.. TestRecipes.TrainedNames];

    [Theory]
    [MemberData(nameof(Models))]
    public void The_initial_state_has_the_bytes_it_always_had(string model)
    {
        using var bench = new Workbench();
        var state = bench.Train(TestRecipes.Model(model), [bench.Slice([])])[0].Tensors.ToString();

        Assert.True(Initial.GetValueOrDefault(model) == state, $"{model} starts as {state}: raise TrainingCode.Version, then record it here.");
    }

    [Fact]
    public void Items_are_ordered_as_they_always_were()
    {
        ReadOnlyMemory<byte>[] ids = [.. Enumerable.Range(0, 1000).Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"item-{i}"))];
        var order = new ItemOrder(17, new ShardId(3));
        int[] all = [.. order.Epoch(new SliceIndex(2), 0, 1, ids), .. order.Epoch(new SliceIndex(2), 1, 0.4, ids)];

        Assert.Equal("3608e4485118725f4bbe486dc4d86e2d1b502477c62cd161c841671da915bc7f", Digest.Of(MemoryMarshal.AsBytes(all.AsSpan())).ToString());
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Trained_weights_have_the_bytes_they_always_had(string model)
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Model(model);
        var environment = new TorchShardTrainer().Environment(recipe).ToDigest().ToShortString();
        var key = $"{environment}/{model}";
        var trained = bench.Train(recipe, bench.Slices(recipe))[2].Tensors.ToString();
        Assert.SkipUnless(Trained.Keys.Any(k => k.StartsWith(environment, StringComparison.Ordinal)), $"No golden digests for environment {environment}; [\"{key}\"] = \"{trained}\".");

        Assert.True(Trained.GetValueOrDefault(key) == trained, $"{key} trains to {trained}: raise TrainingCode.Version, then record it here.");
    }
}
