using System.Text;
using Sisa.Models;
using Sisa.Training;

namespace Sisa.Core.Tests;

public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("null")]
    [InlineData("""{"labels":[null]}""")]
    [InlineData("""{"labels":null}""")]
    [InlineData("""{"features":{"numbers":[{"min":0,"max":1}]}}""")]
    [InlineData("""{"features":{"numbers":[{"field":"x","min":0,"max":1e999}]}}""")]
    [InlineData("""{"ensemble":{"riskClasses":{"high":null}}}""")]
    [InlineData("""{"model":{"hidden":[1]}}""")]
    [InlineData("""{"model":{"kind":"System.Diagnostics.Process"}}""")]
    [InlineData("""{"$type":"System.Diagnostics.Process, System","name":"x"}""")]
    [InlineData("""{"model":{"$type":"mlp"}}""")]
    public void A_recipe_with_a_hole_or_a_type_of_its_own_is_refused(string json) => Assert.Throws<StoreException>(() => RecipeJson.Read(json));

    [Fact]
    public void Every_type_that_json_can_choose_is_named_in_the_code() => Assert.Equal(
        ["AdapterOptions", "CnnOptions", "DecoderOptions", "MlpOptions", "TextClassifierOptions"],
        ModelKinds.All.Select(kind => kind.Options.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void What_has_no_holes_reads_as_it_was_written()
    {
        var recipe = new Recipe { Labels = ["a", "b"], Features = new FeatureOptions { Numbers = [new NumberFeature("x", 0, 1)] } };

        Assert.Equal(RecipeJson.Write(recipe), RecipeJson.Write(StrictJson.Read<Recipe>(Encoding.UTF8.GetBytes(RecipeJson.Write(recipe)), RecipeJson.Options)));
    }
}
