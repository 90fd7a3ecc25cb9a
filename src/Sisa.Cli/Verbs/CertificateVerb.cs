using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Certifying;
using Sisa.Evidence;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa certificate</c>: certificates, for people.</summary>
internal static class CertificateVerb
{
    private static readonly Argument<string> Request = new("request") { Description = "Name of the request." };
    private static readonly Argument<string> Folder = new("folder") { Description = "Folder to write to. It is created if it is missing." };

    private static readonly Option<bool> Auditor = new("--auditor") { Description = "The auditor's form, with lineage, digests by shard and slice, and seed." };

    public static Command Create() => new("certificate", "List, show and hand over certificates.")
    {
        new Command("list", "Every certificate.").Does(List),
        new Command("show", "Show a certificate in words.") { Request, Auditor }.Does(Show),
        new Command("export", "Write a certificate, a page about it and the public key into a folder.") { Request, Folder, Auditor }.Does(Export),
    };

    private static ExitCode List(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var store = CommonOptions.OpenStore(parse);
        var rows = StoreCertificates.Requests(store).Select(id => (Id: id, StoreCertificates.Check(store, id).Verdict)).ToArray();
        if (output.Json)
        {
            output.WriteJson(rows.Select(r => new { Request = r.Id, r.Verdict.IsValid, r.Verdict.Standing, File = StoreCertificates.PathOf(store, r.Id) }));
            return ExitCode.Done;
        }

        Grid.Write(output.Data, ["request", "standing", "completed"], rows.Select(r => new[]
        {
            r.Id,
            r.Verdict.IsValid ? r.Verdict.Standing : "INVALID",
            r.Verdict.Statement is { } statement ? $"{statement.Predicate.Request.Completed:yyyy-MM-dd HH:mm}" : string.Empty,
        }));
        return ExitCode.Done;
    }

    private static ExitCode Show(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var store = CommonOptions.OpenStore(parse);
        var verdict = StoreCertificates.Check(store, parse.GetValue(Request)!, parse.GetValue(Auditor)).Verdict;
        if (!verdict.IsValid)
        {
            verdict.Faults.ToList().ForEach(output.Warn);
            return ExitCode.No;
        }

        if (output.Json)
        {
            output.WriteJson(verdict.Statement);
            return ExitCode.Done;
        }

        Write(output, verdict, verdict.Standing);
        return ExitCode.Done;
    }

    /// <summary>Writes a valid certificate in words to standard output.</summary>
    public static void Write(Output output, CertificateVerdict verdict, string standing)
    {
        output.WriteData($"Certificate of erasure, request {verdict.Statement!.Predicate.Request.Id}: {standing}");
        output.WriteData(CertificatePart.Summary(verdict.Statement.Predicate));
        foreach (var part in CertificatePart.Of(verdict))
        {
            Write(output, part);
        }
    }

    /// <summary>Writes a part of it.</summary>
    public static void Write(Output output, CertificatePart part)
    {
        output.WriteData(string.Empty);
        output.WriteData(part.Title);
        foreach (var (name, value) in part.Lines)
        {
            output.WriteData(name is null ? $"  - {value}" : $"  {name + ":",-36}{value}");
        }
    }

    private static ExitCode Export(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var store = CommonOptions.OpenStore(parse);
        var request = parse.GetValue(Request)!;
        var folder = Path.GetFullPath(parse.GetValue(Folder)!);
        StoreCertificates.Export(store, request, folder, "sisa verify FILE --public-key KEY", parse.GetValue(Auditor));
        output.Say($"Certificate of request {request} written to {folder}.");
        if (output.Json)
        {
            output.WriteJson(new { Request = request, Folder = folder });
        }

        return ExitCode.Done;
    }
}
