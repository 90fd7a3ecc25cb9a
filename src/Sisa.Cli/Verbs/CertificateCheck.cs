using System.CommandLine;
using System.Text;
using Sisa.Cli.Certificates;
using Sisa.Cli.Terminal;
using Sisa.Engine.Certifying;
using Sisa.Evidence;
using Sisa.Storage.Files;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa verify CERT</c>: checks a certificate with a public key and nothing else.</summary>
internal static class CertificateCheck
{
    private const long MaxLogBytes = 4L << 30;

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

    public static Option<string?> Log { get; } = new("--log")
    {
        Description = "A later copy of the issuer's evidence log: tells whether items of the certificate came back into the store since. Default: the log of the store.",
        HelpName = "FILE",
    };

    public static Option<string?> Attestation { get; } = new("--attestation")
    {
        Description = "What an auditor wrote with 'sisa verify --rerun --bundle DIR --attest FILE' about the bundle of this certificate.",
        HelpName = "FILE",
    };

    public static Option<string?> AuditorKey { get; } = new("--auditor-key")
    {
        Description = "With '--attestation': the auditor's public key, from a source that you trust.",
        HelpName = "FILE",
    };

    public static ExitCode Run(ParseResult parse, string file, Output output)
    {
        if ((parse.GetValue(Attestation) is null) != (parse.GetValue(AuditorKey) is null))
        {
            throw new UsageException("'--attestation' and '--auditor-key' go together.", "Give both, or neither.");
        }

        var bytes = ForeignFile.Read(file, Certificate.MaxBytes);
        var (verdict, _) = Verify(PublicKeys(parse), bytes);
        var faults = verdict.Faults.Concat(verdict.IsValid ? [.. NonceFaults(parse, verdict.Statement!), .. AttestationFaults(parse, verdict.Statement!)] : []).ToArray();
        var (readmitted, foreign) = verdict.IsValid ? Readmissions(parse, verdict) : (null, []);
        faults = [.. faults, .. foreign];
        var standing = parse.GetValue(Attestation) is null ? verdict.Standing : CertificateVerdict.VerifiedIndependently;
        if (output.Json)
        {
            output.WriteJson(new
            {
                Valid = faults.Length == 0,
                Standing = faults.Length == 0 ? standing : null,
                Request = verdict.IsValid ? verdict.Statement!.Predicate.Request.Id : null,
                ItemsChecked = parse.GetValue(Nonce) is not null && faults.Length == 0,
                Readmitted = readmitted,
                Faults = faults,
            });
        }

        Array.ForEach(faults, output.Warn);
        foreach (var back in readmitted ?? [])
        {
            output.Warn(back.ToString());
        }

        if (faults.Length > 0)
        {
            output.Say($"{file} is not valid.");
            return ExitCode.No;
        }

        if (!output.Json)
        {
            CertificateVerb.Write(output, verdict, standing);
            if (Copy(parse)?.Before is { } before)
            {
                CertificateVerb.Write(output, new CertificatePart("What was measured before, by the requester's copy alone", CertificatePart.Of(before)));
            }
        }

        output.Say($"{file} is valid: {standing}{(parse.GetValue(Nonce) is null ? string.Empty : ", about the items of the requester's copy")}.");
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

    // The certificate says nothing of what came later; a later log does. One that was altered or belongs to another store says nothing either.
    private static (IReadOnlyList<Readmission>? Readmitted, IReadOnlyList<string> Faults) Readmissions(ParseResult parse, CertificateVerdict verdict)
    {
        var layout = new StoreLayout(parse.GetValue(CommonOptions.Store)!);
        var named = parse.GetValue(Log);
        var file = named ?? (parse.GetValue(PublicKey) is null ? layout.LogFile : null);
        if (file is null || (named is null && !System.IO.File.Exists(file)))
        {
            return (null, []);
        }

        var log = new LogHistory(Encoding.UTF8.GetString(ForeignFile.Read(file, MaxLogBytes)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return verdict.Certificate.Log.Head(verdict.Statement!.Predicate.Log) is { } head && log.BeginsWith(head)
            ? (Readmission.Of(log.Lines, verdict.Statement.Predicate.Request.Id), [])
            : (null, named is null ? [] : [$"The log {file} does not begin with the entries that the certificate's head covers: it is an earlier one, or that of another store."]);
    }

    /// <summary>The requester's copy, where one is named.</summary>
    public static RequesterCopy? Copy(ParseResult parse) => parse.GetValue(Nonce) is { } file ? RequesterCopy.Read(ForeignFile.Read(file, Certificate.MaxBytes)) : null;

    /// <summary>What keeps a certificate from being about the items of the requester's copy; empty when nothing does, or no copy is named.</summary>
    public static IReadOnlyList<string> NonceFaults(ParseResult parse, ErasureStatement statement)
    {
        if (Copy(parse) is not { } copy)
        {
            return [];
        }

        var certified = statement.Predicate.Items.Commitments;
        var faults = new List<string>();
        if (copy.Request != statement.Predicate.Request.Id)
        {
            faults.Add($"The requester's copy is of request '{copy.Request}', the certificate of '{statement.Predicate.Request.Id}'.");
        }

        var foreign = copy.Items.Count(item => !certified.Contains(item.Commitment()));
        if (foreign > 0 || copy.Items.Count != certified.Count)
        {
            faults.Add($"The certificate commits to {Counted.Of(certified.Count, "item")}; of the {copy.Items.Count} in the requester's copy, {foreign} are not among them.");
        }

        return faults;
    }

    private static IReadOnlyList<string> AttestationFaults(ParseResult parse, ErasureStatement statement)
    {
        if (parse.GetValue(Attestation) is not { } file)
        {
            return [];
        }

        using var key = KeyFile.ReadPublic(parse.GetValue(AuditorKey)!);
        return RerunStatement.Faults(Envelope.Read(ForeignFile.Read(file, Certificate.MaxBytes)), key, statement);
    }
}
