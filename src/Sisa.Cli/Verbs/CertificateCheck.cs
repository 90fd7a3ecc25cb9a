using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Evidence;
using Sisa.Evidence;
using Sisa.Storage.Files;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa verify CERT</c>: checks a certificate with a public key and nothing else.</summary>
internal static class CertificateCheck
{
    public static Argument<string?> File { get; } = new("certificate") { Description = "A certificate, '….dsse.json', to be checked.", Arity = ArgumentArity.ZeroOrOne };

    public static Option<string?> PublicKey { get; } = new("--public-key")
    {
        Description = "The issuer's public certificate key, from a source that you trust; default: the keys of the store.",
        HelpName = "FILE",
    };

    public static Option<string?> Nonce { get; } = new("--nonce")
    {
        Description = "The requester's copy: checks that the certificate is about the items that it names.",
        HelpName = "FILE",
    };

    public static ExitCode Run(ParseResult parse, string file, Output output)
    {
        var bytes = KeyFile.Read(file, Certificate.MaxBytes);
        var (verdict, _) = Verify(PublicKeys(parse), bytes);
        var faults = verdict.Faults.Concat(verdict.IsValid ? NonceFaults(parse, verdict.Statement!) : []).ToArray();
        if (output.Json)
        {
            output.WriteJson(new
            {
                Valid = faults.Length == 0,
                Standing = verdict.IsValid ? verdict.Standing : null,
                Request = verdict.IsValid ? verdict.Statement!.Predicate.Request.Id : null,
                ItemsChecked = parse.GetValue(Nonce) is not null && faults.Length == 0,
                Faults = faults,
            });
        }

        Array.ForEach(faults, output.Warn);
        if (faults.Length > 0)
        {
            output.Say($"{file} is not valid.");
            return ExitCode.No;
        }

        if (!output.Json)
        {
            CertificateVerb.Write(output, verdict);
        }

        output.Say($"{file} is valid: {verdict.Standing}{(parse.GetValue(Nonce) is null ? string.Empty : ", about the items of the requester's copy")}.");
        return ExitCode.Done;
    }

    /// <summary>Checks a certificate of a store, which keeps the public halves of keys that were replaced: one that holds is enough.</summary>
    /// <returns>What was found, and the file of the key that was used.</returns>
    public static (CertificateVerdict Verdict, string KeyFile) Verify(IReadOnlyList<string> keys, byte[] bytes)
    {
        var verdicts = keys.Select(path =>
        {
            using var key = KeyFile.ReadPublic(path);
            return (Verdict: Certificate.Verify(bytes, key), path);
        }).ToArray();
        return Array.Find(verdicts, v => v.Verdict.Statement is not null) is { Verdict: not null } holds ? holds : verdicts[0];
    }

    /// <summary>Public certificate keys of a store, the current one first.</summary>
    public static IReadOnlyList<string> KeysOf(StoreLayout layout) => Directory.Exists(layout.Keys)
        ? [.. Directory.EnumerateFiles(layout.Keys, KeyRing.CertificateName + "*.pub.pem").OrderBy(path => path != layout.PublicKey(KeyRing.CertificateName)).ThenBy(path => path, StringComparer.Ordinal)]
        : [];

    private static IReadOnlyList<string> PublicKeys(ParseResult parse)
    {
        if (parse.GetValue(PublicKey) is { } named)
        {
            return [named];
        }

        var layout = new StoreLayout(parse.GetValue(CommonOptions.Store)!);
        return KeysOf(layout) is { Count: > 0 } own ? own : throw new UsageException($"There is no store in {layout.Root} whose key could be used.", "Give '--public-key FILE', as the issuer publishes it.");
    }

    private static IEnumerable<string> NonceFaults(ParseResult parse, ErasureStatement statement)
    {
        if (parse.GetValue(Nonce) is not { } file)
        {
            return [];
        }

        var copy = RequesterCopy.Read(KeyFile.Read(file, Certificate.MaxBytes));
        var certified = statement.Predicate.Items.Commitments;
        var faults = new List<string>();
        if (copy.Request != statement.Predicate.Request.Id)
        {
            faults.Add($"The requester's copy is of request '{copy.Request}', the certificate of '{statement.Predicate.Request.Id}'.");
        }

        var foreign = copy.Items.Count(item => !certified.Contains(item.Commitment()));
        if (foreign > 0 || copy.Items.Count != certified.Count)
        {
            faults.Add($"The certificate commits to {certified.Count} items; of the {copy.Items.Count} in the requester's copy, {foreign} are not among them.");
        }

        return faults;
    }
}
