using Sisa.Torch.Inference;
using Sisa.Training;

namespace Sisa.Serving.Bundles;

/// <summary>Where the constituents that answer come from: a store, whose bundle changes, or an exported folder, which does not.</summary>
public interface IBundleSource : IDisposable
{
    /// <summary>The recipe.</summary>
    Recipe Recipe { get; }

    /// <summary>Brings an ensemble up to what is served now.</summary>
    /// <param name="ensemble">The ensemble; constituents are loaded, replaced and left out.</param>
    /// <returns>The epoch of the bundle.</returns>
    /// <exception cref="NotFoundException">Nothing is served.</exception>
    long Refresh(LoadedConstituents ensemble);
}
