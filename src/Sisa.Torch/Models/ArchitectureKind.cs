using System.Collections.Immutable;
using Sisa.Models;
using Sisa.Torch.Inference;
using Sisa.Torch.Models.Adapters;
using Sisa.Torch.Models.Cnn;
using Sisa.Torch.Models.Decoders;
using Sisa.Torch.Models.Mlp;
using Sisa.Torch.Models.Text;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Models;

/// <summary>How models of one kind are computed.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class ArchitectureKind
{
    private static ImmutableArray<ArchitectureKind> _all = [];

    /// <summary>The kinds that Sisa brings. A kind without its architecture does not compile.</summary>
    internal static EveryKind<ArchitectureKind> BuiltIn { get; } = new()
    {
        Mlp = Add(MlpArchitecture.Kind),
        Cnn = Add(CnnArchitecture.Kind),
        TextClassifier = Add(TextArchitectures.Kind),
        Decoder = Add(DecoderArchitecture.Kind),
        Adapter = Add(AdapterArchitecture.Kind),
    };

    /// <summary>The kind, which <see cref="ModelKinds"/> holds.</summary>
    public required ModelKind Kind { get; init; }

    /// <summary>Lays out the model of a recipe of this kind on a device. Throws <see cref="RecipeException"/> where model and features do not go together.</summary>
    public required Func<Recipe, torch.Device, Architecture> Build { get; init; }

    /// <summary>Parameters by their names in other programs; <see langword="null"/> for kinds that no other program knows. Needs no libtorch.</summary>
    internal Func<Recipe, IReadOnlyList<ParameterSpec>>? Published { get; init; }

    /// <summary>Name of the file of weights, as other programs look for it.</summary>
    internal string PublishedFile { get; init; } = "model.safetensors";

    /// <summary>How constituents answer as language models, side by side; <see langword="null"/> for kinds that are none.</summary>
    internal Func<Recipe, torch.Device, DecoderFamily>? Family { get; init; }

    /// <summary>Registers a kind; belongs before the first model is built.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>The same.</returns>
    /// <exception cref="ArgumentException">The kind has an architecture already.</exception>
    public static ArchitectureKind Add(ArchitectureKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ImmutableInterlocked.Update(ref _all, all => all.Any(known => known.Kind == kind.Kind)
            ? throw new ArgumentException($"The architecture of the kind of model '{kind.Kind.Name}' is already registered.", nameof(kind))
            : all.Add(kind));
        return kind;
    }

    /// <summary>The kind of a model.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="NotSupportedException">No architecture is registered for it.</exception>
    internal static ArchitectureKind Of(ModelOptions model)
    {
        var kind = ModelKinds.Of(model);
        return _all.FirstOrDefault(known => known.Kind == kind) ?? throw new NotSupportedException($"The kind of model '{kind.Name}' has no architecture.");
    }

    /// <summary>The fault of a recipe whose model does not read what its features give.</summary>
    /// <param name="kind">Name of the kind.</param>
    /// <param name="found">The recipe's declaration.</param>
    /// <param name="wanted">The input that the model reads.</param>
    internal static RecipeException Mismatch(string kind, string found, string wanted) =>
        new([$"model.kind is '{kind}', but the recipe declares {found}; that model reads {wanted}."]);
}
