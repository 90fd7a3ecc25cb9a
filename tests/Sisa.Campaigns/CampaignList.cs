using Sisa.Campaigns.Canary;
using Sisa.Campaigns.Damage;
using Sisa.Campaigns.Faults;
using Sisa.Campaigns.LifeCycle;
using Sisa.Campaigns.Processes;

namespace Sisa.Campaigns;

/// <summary>Every campaign, in the order of the result table.</summary>
public static class CampaignList
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Campaign> All { get; } =
    [
        new KillCampaign(),
        new FullDiskCampaign(),
        new PowerLossCampaign(),
        new DamageCampaign(),
        new TwoProcessesCampaign(),
        new TerminateCampaign(),
        new CanaryCampaign(),
        new ClockCampaign(),
        new LifeCycleCampaign(),
    ];
}
