using Sisa.Models;
using Sisa.Readers.Recipes.Models;
using Sisa.Torch.Models;

namespace Sisa.Serving;

/// <summary>A program's own kind of model, given by its options: the parts of a built-in kind, and nothing more.</summary>
/// <remarks>The options themselves say how many parameters and tensors the model has (<see cref="ModelOptions"/>). A kind that lacks a part does not compile.</remarks>
public interface IModelDefinition
{
    /// <summary>The keys of the kind in recipes, and the rules that hold between them.</summary>
    /// <param name="kind">The kind, under its name.</param>
    static abstract ModelKeys Keys(ModelKind kind);

    /// <summary>How models of the kind are computed.</summary>
    /// <param name="kind">The kind, under its name.</param>
    static abstract ArchitectureKind Architecture(ModelKind kind);
}
