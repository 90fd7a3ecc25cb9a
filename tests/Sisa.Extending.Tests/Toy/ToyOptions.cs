using Sisa.Corpora;
using Sisa.Models;
using Sisa.Training;

namespace Sisa.Extending.Tests.Toy;

/// <summary>Two linear layers with a narrow one between them: a kind of model of somebody else.</summary>
public sealed record ToyOptions : ModelOptions
{
    public int Waist { get; init; } = 2;

    public override long ParameterCount(Recipe recipe) => Linear(FeatureLayout.Of(recipe).Length, Waist) + Linear(Waist, recipe.Labels.Count);

    public override long TensorCount(Recipe recipe) => 4;

    public override string Describe() => $"toy, waist {Waist}";
}
