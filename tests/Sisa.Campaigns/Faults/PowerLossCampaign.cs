using System.Text;
using Sisa.Sharding;

namespace Sisa.Campaigns.Faults;

/// <summary>The power goes at any change to a file: what was not flushed is dropped, kept, out of order or torn.</summary>
public sealed class PowerLossCampaign : Campaign
{
    // Bringing a store up to date with workers and libtorch costs as much as a hundred states of the engine.
    private const int EveryShipped = 80;

    /// <inheritdoc/>
    public override string Name => "power-loss";

    /// <inheritdoc/>
    public override string What => "power lost at any change to a file: writes that were not flushed dropped, kept, reordered, torn at sectors";

    /// <inheritdoc/>
    public override int Goal => 2_000;

    /// <inheritdoc/>
    public override string? Unavailable => FaultLibrary.Unavailable;

    /// <inheritdoc/>
    public override IEnumerable<int> Sample => Enumerable.Range(0, 24).Select(i => i * 83);

    /// <inheritdoc/>
    public override void Run(int number, CampaignCase context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var random = new SeededGenerator(Seeds.Derive((ulong)number, "power loss"));
        var scene = number % EveryShipped == EveryShipped - 1 ? Scene.Shipped[random.NextInt32(Scene.Shipped.Count)] : Scene.All[number % Scene.All.Count];
        var changes = scene.Trace;
        var cut = 1 + random.NextInt32(changes.Count);
        var disk = new VolatileDisk(scene.Base);
        foreach (var change in changes.Take(cut))
        {
            disk.Do(change);
        }

        var folder = Path.Combine(context.Folder, "store");
        disk.Cut(folder, random);
        context.Count($"{scene.Name}: states");
        var aftermath = new Aftermath(scene, folder, context);
        var said = string.Concat(changes.Take(cut).Where(c => c.Kind == ChangeKind.Output).Select(c => Encoding.UTF8.GetString(c.Data)));
        aftermath.Acknowledge(said, cut == changes.Count);
        aftermath.Survive();
    }
}
