using Sisa.Models;
using Sisa.Torch.KnownAnswers;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Decoders;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Inference;

/// <summary>Turns the constituents of a recipe into weights that a decoder computes with, alone or side by side.</summary>
/// <remarks>One for each kind of model. Owns the decoder and everything that all constituents share. Not thread-safe.</remarks>
internal abstract class DecoderFamily : IDisposable
{
    /// <summary>Prepares the computation.</summary>
    /// <param name="model">The model.</param>
    /// <param name="device">Where it runs.</param>
    protected DecoderFamily(SequenceModelOptions model, torch.Device device)
    {
        (Shape, Context) = (model.Shape, model.Context);
        Decoder = new Decoder(Shape, Context, device);
    }

    /// <summary>Sizes of the decoder.</summary>
    public DecoderShape Shape { get; }

    /// <summary>Most tokens that the model looks back at.</summary>
    public int Context { get; }

    /// <summary>The computation.</summary>
    public Decoder Decoder { get; }

    /// <summary>Parameters of a constituent.</summary>
    public abstract IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>The weights of one constituent, which keeps them.</summary>
    /// <param name="member">Its parameters.</param>
    public abstract DecoderWeights Alone(ParameterSet member);

    /// <summary>The weights of several constituents side by side: copies, which the caller disposes of where they are <see cref="IDisposable"/>.</summary>
    /// <param name="members">Their parameters, at least one.</param>
    /// <returns>Weights whose <see cref="DecoderWeights.Embed"/> takes the tokens that all constituents read, [B, T], and answers with [S · B, T, W].</returns>
    public abstract DecoderWeights Stack(IReadOnlyList<ParameterSet> members);

    /// <summary>The family that a recipe declares.</summary>
    /// <param name="recipe">A valid recipe of a language model.</param>
    /// <param name="device">Where it runs.</param>
    /// <exception cref="EnvironmentException">An operation of the model comes out wrong on this machine.</exception>
    public static DecoderFamily Create(Recipe recipe, torch.Device device)
    {
        var build = ArchitectureKind.Of(recipe.Model).Family ?? throw new NotSupportedException($"Model {recipe.Model.GetType().Name} is not a language model that answers.");
        var family = build(recipe, device);
        KnownAnswerCheck.Require(Models.Decoders.Decoder.Operations(family.Shape, 1, family.Context, recipe.Training.Precision), device);
        return family;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what constituents share.</summary>
    /// <param name="disposing">Always true.</param>
    protected virtual void Dispose(bool disposing) => Decoder.Dispose();
}
