using System.CommandLine;
using System.Text;
using Sisa.Cli.Certificates;
using Sisa.Cli.Terminal;
using Sisa.Engine;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Storage.Files;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa certificate</c>: certificates, for people.</summary>
internal static class CertificateVerb
{
    private static readonly Argument<string> Request = new("request") { Description = "Name of the request." };
    private static readonly Argument<string> Folder = new("folder") { Description = "Folder to write to; made where it is missing." };

    private static readonly Option<bool> Auditor = new("--auditor") { Description = "The auditor's form: lineage, digests by shard and slice, seed." };

    public static Command Create() => new("certificate", "List, show and hand over certificates.")
    {
        new Command("list", "Every certificate.").Does(List),
        new Command("show", "A certificate in words.") { Request, Auditor }.Does(Show),
        new Command("export", "Write a certificate, its page and the public key into a folder.") { Request, Folder, Auditor }.Does(Export),
    };

    private static ExitCode List(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var store = CommonOptions.OpenStore(parse);
        var rows = store.Manifest.Certificates.All().Select(row => row.RequestId).Distinct().Select(id => (Id: id, Verdict: Verify(store, id, isForAuditor: false).Verdict)).ToArray();
        if (output.Json)
        {
            output.WriteJson(rows.Select(r => new { Request = r.Id, r.Verdict.IsValid, r.Verdict.Standing, File = store.Layout.Certificate(r.Id) }));
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
        var (verdict, _, _) = Verify(store, parse.GetValue(Request)!, parse.GetValue(Auditor));
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
        var (verdict, file, key) = Verify(store, request, parse.GetValue(Auditor));
        if (!verdict.IsValid)
        {
            throw new StoreException($"Certificate {file} is not valid: {verdict.Faults[0]}", "Run 'sisa recover': it writes a damaged certificate again, and names keys that were exchanged.");
        }

        DurableFile.CreateFolder(folder, ownerOnly: false);
        DurableFile.Write(Path.Combine(folder, Path.GetFileName(file)), verdict.Certificate.ToBytes(), ownerOnly: false);
        DurableFile.Write(Path.Combine(folder, $"{request}.html"), Encoding.UTF8.GetBytes(CertificatePage.Of(request, verdict.Standing, CertificatePart.Summary(verdict.Statement!.Predicate), CertificatePart.Of(verdict))), ownerOnly: false);
        DurableFile.Write(Path.Combine(folder, "certificate.pub.pem"), ForeignFile.Read(key, Certificate.MaxBytes), ownerOnly: false);
        output.Say($"Certificate of request {request} written to {folder}.");
        if (output.Json)
        {
            output.WriteJson(new { Request = request, Folder = folder });
        }

        return ExitCode.Done;
    }

    private static (CertificateVerdict Verdict, string File, string Key) Verify(Store store, string request, bool isForAuditor)
    {
        var row = store.Manifest.Requests.Find(request) ?? throw new NotFoundException($"There is no request '{request}'.", "'sisa certificate list' shows what there is.");
        var file = store.Layout.Certificate(row.Id, isForAuditor ? "auditor" : string.Empty);
        if (!File.Exists(file))
        {
            throw new NotFoundException($"Request '{request}' is {KebabName.Of(row.State)}; it has no certificate yet.", "Run 'sisa train'.");
        }

        var (verdict, key) = CertificateCheck.Verify(CertificateCheck.KeysOf(store.Layout), ForeignFile.Read(file, Certificate.MaxBytes));
        return (verdict, file, key);
    }
}
