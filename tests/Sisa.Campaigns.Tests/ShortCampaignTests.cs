namespace Sisa.Campaigns.Tests;

/// <summary>The short form of every campaign; the long one is <c>./build.sh campaign</c>.</summary>
public sealed class ShortCampaignTests
{
    public static TheoryData<string, int> Cases() =>
        new(CampaignList.All.SelectMany(campaign => campaign.Sample.Select(number => (campaign.Name, number))));

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_must_hold_holds(string name, int number)
    {
        var campaign = CampaignList.All.Single(c => c.Name == name);
        Assert.SkipWhen(campaign.Unavailable is not null, campaign.Unavailable ?? string.Empty);

        var (_, fault) = CampaignRunner.RunCase(campaign, number);

        Assert.True(fault is null, fault);
    }
}
