using Sisa.Cli.Terminal;
using Sisa.Engine.Certifying;
using Sisa.Engine.Stores;

namespace Sisa.Cli.Verbs;

/// <summary>Reports certifications.</summary>
internal static class CertificationText
{
    /// <summary>Reports where the certificates are, or what is missing.</summary>
    /// <returns>Done, or resumable: missing keys lose nothing, and the requests stay purged.</returns>
    public static ExitCode Tell(CertificationReport report, Store store, Output output)
    {
        if (report.WithoutKeys > 0)
        {
            output.Warn("There are no signing keys, so nothing is certified.");
            output.Say("Run 'sisa keys init', then 'sisa recover'.");
            return ExitCode.Resumable;
        }

        FirstOfMany.Tell(
            report.Requests,
            request => output.Say($"Certified: {store.Layout.Certificate(request)}"),
            more => output.Say($"Certified: {Figures.Count(more)} more, in {store.Layout.Certificates}"));
        return ExitCode.Done;
    }

    /// <summary>Reports certificates that now include a rerun.</summary>
    public static void TellVerified(CertificationReport report, Output output)
    {
        if (report.Requests.Count > 0)
        {
            output.Say($"{Figures.Count(report.Requests.Count, "certificate")} issued again: verified on this machine.");
        }
    }

    /// <summary>Reports certificates that were issued again for the bundle that is handed out.</summary>
    public static void TellRenewed(CertificationReport report, Output output)
    {
        if (report.WithoutKeys > 0)
        {
            output.Warn($"{Figures.Count(report.WithoutKeys, "certificate")} of the store name an earlier bundle. There are no signing keys to issue them again, so they will not match the bundle that is handed out.");
        }
        else if (report.Requests.Count > 0)
        {
            output.Say($"{Figures.Count(report.Requests.Count, "certificate")} issued again for the bundle that is served now, because a later request replaced the checkpoints that they named. Hand out the new ones. The earlier ones stay valid for the bundle of their time.");
        }
    }
}
