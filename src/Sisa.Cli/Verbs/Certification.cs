using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine;
using Sisa.Engine.Evidence;
using Sisa.Evidence;

namespace Sisa.Cli.Verbs;

/// <summary>The last step of a request: its certificate.</summary>
/// <param name="ExitCode">Done, or that the same command resumes: keys that cannot be opened lose nothing, the request stays purged.</param>
/// <param name="Requests">Names of the requests certified now.</param>
internal sealed record Certification(ExitCode ExitCode, IReadOnlyList<string> Requests)
{
    private static Certification Nothing { get; } = new(ExitCode.Done, []);

    /// <summary>Certifies whatever is purged.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="store">The store.</param>
    /// <param name="output">Where to tell what is missing.</param>
    /// <param name="mends">Whether every certificate is looked at, and written again where its file is damaged.</param>
    public static Certification Run(ParseResult parse, Store store, Output output, bool mends = false)
    {
        if (!Certifier.IsNeeded(store) && !(mends && Certifier.IsDamaged(store)))
        {
            return Nothing;
        }

        if (!KeyRing.Exists(store.Layout))
        {
            output.Warn("There are no signing keys, so nothing is certified.");
            output.Say("Run 'sisa keys init', then 'sisa recover'.");
            return Nothing with { ExitCode = ExitCode.Resumable };
        }

        using var keys = KeyRing.Open(store.Layout, () => PassphraseOption.Required(parse, output));
        return Nothing with { Requests = new Certifier(store, keys, CommonOptions.Patience(parse)).Run() };
    }

    /// <summary>Issues certificates again that name no rerun yet.</summary>
    public static void Renew(ParseResult parse, Store store, CertifiedRerun rerun, Output output)
    {
        if (!KeyRing.Exists(store.Layout) || store.Manifest.Certificates.All().Count == 0)
        {
            return;
        }

        using var keys = KeyRing.Open(store.Layout, () => PassphraseOption.Required(parse, output));
        var renewed = new Certifier(store, keys, CommonOptions.Patience(parse)).Run(rerun);
        if (renewed.Count > 0)
        {
            output.Say($"{Figures.Count(renewed.Count, "certificate")} issued again: verified on this machine.");
        }
    }

    /// <summary>Issues certificates again that name an earlier bundle, so that they fit one that is handed out now.</summary>
    /// <returns>Names of the requests.</returns>
    public static IReadOnlyList<string> RenewOutdated(ParseResult parse, Store store, Output output)
    {
        var outdated = Certifier.Outdated(store).Length;
        if (outdated == 0)
        {
            return [];
        }

        if (!KeyRing.Exists(store.Layout))
        {
            output.Warn($"{Figures.Count(outdated, "certificate")} of the store name an earlier bundle, and there are no signing keys to renew them: they will not fit what is handed out.");
            return [];
        }

        using var keys = KeyRing.Open(store.Layout, () => PassphraseOption.Required(parse, output));
        var renewed = new Certifier(store, keys, CommonOptions.Patience(parse)).Renew();
        output.Say($"{Figures.Count(renewed.Count, "certificate")} issued again, about the bundle that is served now: a later request had replaced the checkpoints that they named. Hand the new ones out; the earlier ones stay valid about the bundle of their day.");
        return renewed;
    }

    /// <summary>Tells where the certificates are.</summary>
    public void Tell(Store store, Output output) => FirstOfMany.Tell(
        Requests,
        request => output.Say($"Certified: {store.Layout.Certificate(request)}"),
        more => output.Say($"Certified: {Figures.Count(more)} more, in {store.Layout.Certificates}"));
}
