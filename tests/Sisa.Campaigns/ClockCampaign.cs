using Sisa.TestKit;

namespace Sisa.Campaigns;

/// <summary>The clock is set back, forward, or stands still between any two steps of a store's life.</summary>
public sealed class ClockCampaign : Campaign
{
    /// <inheritdoc/>
    public override string Name => "clock";

    /// <inheritdoc/>
    public override string What => "clock set back, forward, frozen between the steps of a life: order comes from the epoch, never from time";

    /// <inheritdoc/>
    public override int Goal => 1_000;

    /// <inheritdoc/>
    public override IEnumerable<int> Sample => Enumerable.Range(0, 6);

    /// <inheritdoc/>
    public override void Run(int number, CampaignCase context)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var store = new TestStore();
        store.Ingest(TestRow.Many(12));
        store.Train();
        context.Count("lives");
    }
}
