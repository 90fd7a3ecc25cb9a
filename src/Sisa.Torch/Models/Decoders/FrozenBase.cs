using Sisa.Models;
using Sisa.Storage.Checkpoints;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Models.Decoders;

/// <summary>The weights of a base: held in memory once a process, however many constituents adapt them.</summary>
/// <remarks>They never change and cannot be forgotten, as certificates say. Thread-safe once created.</remarks>
internal sealed class FrozenBase
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<(Digest Digest, string Device), FrozenBase> Held = [];

    private readonly DecoderLayout _layout;
    private readonly ParameterSet _parameters;

    /// <summary>Takes weights over.</summary>
    /// <param name="layout">Their layout.</param>
    /// <param name="parameters">The weights, which are never disposed of: the process holds them until it ends.</param>
    public FrozenBase(DecoderLayout layout, ParameterSet parameters) => (_layout, _parameters) = (layout, parameters);

    /// <summary>The base of a recipe, loaded unless this process holds it already.</summary>
    /// <param name="recipe">A recipe with a base whose files were looked at; <see cref="Recipe.BaseFolder"/> says where they are.</param>
    /// <param name="device">Where it shall be.</param>
    /// <exception cref="StoreException">The files are missing, or other ones.</exception>
    public static FrozenBase Of(Recipe recipe, torch.Device device)
    {
        var model = (SequenceModelOptions)recipe.Model;
        var key = (model.Files!.Digest, device.ToString());
        lock (Gate)
        {
            if (!Held.TryGetValue(key, out var held))
            {
                var layout = new DecoderLayout(model.Shape);
                var parameters = new ParameterSet(layout.Specs, device);
                Load(recipe, parameters);
                Held.Add(key, held = new FrozenBase(layout, parameters));
            }

            return held;
        }
    }

    /// <summary>Sets parameters to those of the files of a base.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="parameters">Parameters of a <see cref="DecoderLayout"/> of the base's shape.</param>
    /// <exception cref="StoreException">The files are missing, or have other tensors.</exception>
    public static void Load(Recipe recipe, ParameterSet parameters)
    {
        using var files = OpenCopy(recipe);
        parameters.SetPublished((tensor, destination) => files.Copy(tensor.Name, tensor.Shape, destination));
    }

    /// <summary>The weights for a computation.</summary>
    /// <param name="precision">Numbers in which products are computed.</param>
    public DecoderWeights Weights(ComputePrecision precision) => new PlainWeights(_layout, _parameters, precision);

    // The folder is a copy that holds only the used files.
    private static WeightsFolder OpenCopy(Recipe recipe)
    {
        var folder = recipe.BaseFolder ?? throw new StoreException("The recipe has a base, and the folder of its files is not set.", $"Run {Step.Train} from the store.");
        string[] names = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.safetensors").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)] : [];
        return new WeightsFolder(folder, names);
    }
}
