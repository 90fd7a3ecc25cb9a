using System.Text.Json;
using Sisa.Aggregation;
using Sisa.Training;

namespace Sisa.Core.Tests;

public sealed class KebabNameTests
{
    [Fact]
    public void A_value_has_the_name_that_json_gives_it()
    {
        Assert.Equal("mean-probability", KebabName.Of(AggregationRule.MeanProbability));
        Assert.All(
            KebabName.All<AggregationRule>(),
            named => Assert.Equal($"\"{named.Key}\"", JsonSerializer.Serialize(named.Value, RecipeJson.Options)));
        Assert.Equal(Enum.GetValues<AggregationRule>(), KebabName.All<AggregationRule>().Values);
    }
}
