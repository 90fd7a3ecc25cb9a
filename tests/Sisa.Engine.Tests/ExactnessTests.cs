using Sisa.TestKit;

namespace Sisa.Engine.Tests;

public sealed class ExactnessTests
{
    private const int LivesPerKind = 60;
    private const int VerifiedEvery = 10;

    [Theory]
    [InlineData("text")]
    [InlineData("text by batch")]
    [InlineData("mlp")]
    [InlineData("mlp by batch by risk")]
    [InlineData("text by late risk")]
    public void After_any_life_the_checkpoints_are_those_of_a_store_that_never_held_what_was_forgotten(string kind)
    {
        for (var number = 0; number < LivesPerKind; number++)
        {
            using var life = new RandomLife(kind, number);
            try
            {
                life.Run();
                var differences = life.Differences();
                Assert.True(differences.Count == 0, string.Join('\n', differences));
                Assert.True(number % VerifiedEvery > 0 || life.IsVerified(), "The rerun does not agree.");
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{e.Message}\n{life.Story}", e);
            }
        }
    }
}
