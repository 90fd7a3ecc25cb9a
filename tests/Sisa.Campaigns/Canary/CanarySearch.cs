using System.Text;
using Sisa.TestKit;

namespace Sisa.Campaigns.Canary;

/// <summary>Looks for strings in everything under some folders, names of files included.</summary>
internal static class CanarySearch
{
    /// <summary>Fails the case where anything is found.</summary>
    /// <param name="patterns">What must not be there.</param>
    /// <param name="folders">Where.</param>
    /// <param name="context">Counts files and bytes.</param>
    /// <param name="story">What was done, for the message.</param>
    public static void DemandNothing(IReadOnlyCollection<byte[]> patterns, IEnumerable<string> folders, CampaignCase context, string story)
    {
        foreach (var path in folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)))
        {
            var bytes = StoreFiles.Read(path);
            context.Count("files searched");
            context.Count("bytes searched", bytes.Length);
            foreach (var pattern in patterns)
            {
                var isNamed = Encoding.UTF8.GetBytes(path).AsSpan().IndexOf(pattern) >= 0;
                var at = bytes.AsSpan().IndexOf(pattern);
                CampaignCase.Demand(at < 0 && !isNamed, $"{(isNamed ? "The name of " : string.Empty)}{path} holds '{Encoding.UTF8.GetString(pattern)}' ({Convert.ToHexStringLower(pattern)}) at {at}.\n{story}");
            }
        }
    }
}
