using System.CommandLine;
using System.Text;
using Sisa.Cli.Terminal;
using Sisa.Engine.Certifying;
using Sisa.Evidence;
using Sisa.Storage.Files;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa verify CERT</c>: checks a certificate with a public key and nothing else.</summary>
internal static class CertificateCheck
{
    private const long MaxLogBytes = 4L << 30;

    public static Argument<string?> File { get; } = new("certificate") { Description = "A certificate ('….dsse.json') to check.", Arity = ArgumentArity.ZeroOrOne };

    public static Option<string?> PublicKey { get; } = new("--public-key")
    {
        Description = "The issuer's public certificate key, from a source that you trust. Default: the keys of the store.",
        HelpName = "FILE",
    };

    public static Option<string?> Nonce { get; } = new("--nonce")
    {
        Description = "The requester's copy. Checks that the certificate is about the items that the copy names.",
        HelpName = "FILE",
    };

    public static Option<string?> Log { get; } = new("--log")
    {
        Description = "A later copy of the issuer's evidence log. Shows whether items of the certificate came back into the store. Default: the log of the store.",
        HelpName = "FILE",
    };

    public static Option<string?> Attestation { get; } = new("--attestation")
    {
        Description = "An auditor's attestation about the bundle of this certificate, from 'sisa verify --rerun --bundle DIR --attest FILE'.",
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
            throw new UsageException("'--attestation' and '--auditor-key' belong together.", "Give both, or neither.");
        }

        var bytes = ForeignFile.Read(file, Certificate.MaxBytes);
        var copy = Copy(parse);
        var found = new CertificateChecker(PublicKeys(parse)).Check(bytes, copy, ReadAttestation(parse));
        var (readmitted, foreign) = found.Verdict.IsValid ? Readmissions(parse, found.Verdict) : (null, []);
        string[] faults = [.. found.Faults, .. foreign];
        if (output.Json)
        {
            output.WriteJson(new
            {
                Valid = faults.Length == 0,
                Standing = faults.Length == 0 ? found.Standing : null,
                Request = found.Verdict.IsValid ? found.Verdict.Statement!.Predicate.Request.Id : null,
                ItemsChecked = copy is not null && faults.Length == 0,
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
            CertificateVerb.Write(output, found.Verdict, found.Standing);
            if (copy?.Before is { } before)
            {
                CertificateVerb.Write(output, new CertificatePart("Measured before, known from the requester's copy only", CertificatePart.Of(before)));
            }
        }

        output.Say($"{file} is valid: {found.Standing}{(copy is null ? string.Empty : ", about the items of the requester's copy")}.");
        return ExitCode.Done;
    }

    // The certificate says nothing of what came later; a later log does. One that was altered or belongs to another store says nothing either.
    private static (IReadOnlyList<Readmission>? Readmitted, IReadOnlyList<string> Faults) Readmissions(ParseResult parse, CertificateVerdict verdict)
    {
        var named = parse.GetValue(Log);
        var file = named ?? (parse.GetValue(PublicKey) is null ? new StoreLayout(parse.GetValue(CommonOptions.Store)!).LogFile : null);
        if (file is null || (named is null && !System.IO.File.Exists(file)))
        {
            return (null, []);
        }

        var log = new LogHistory(Encoding.UTF8.GetString(ForeignFile.Read(file, MaxLogBytes)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return CertificateChecker.Readmissions(verdict, log) is { } readmitted ? (readmitted, [])
            : (null, named is null ? [] : [$"The log {file} does not begin with the entries that the certificate's head covers. It is an earlier log, or the log of another store."]);
    }

    /// <summary>The requester's copy, where one is named.</summary>
    public static RequesterCopy? Copy(ParseResult parse) => parse.GetValue(Nonce) is { } file ? RequesterCopy.Read(ForeignFile.Read(file, Certificate.MaxBytes)) : null;

    private static IReadOnlyList<PublicKeyText> PublicKeys(ParseResult parse)
    {
        if (parse.GetValue(PublicKey) is { } named)
        {
            return [PublicKeyFiles.Read(named)];
        }

        var layout = new StoreLayout(parse.GetValue(CommonOptions.Store)!);
        return PublicKeyFiles.OfStore(layout, KeyRing.CertificateName) is { Count: > 0 } own ? own : throw new UsageException($"There is no store in {layout.Root} whose key could be used.", "Give '--public-key FILE', as the issuer publishes it.");
    }

    private static Attestation? ReadAttestation(ParseResult parse) => parse.GetValue(Attestation) is { } file
        ? new Attestation(ForeignFile.Read(file, Certificate.MaxBytes), PublicKeyFiles.Read(parse.GetValue(AuditorKey)!))
        : null;
}
