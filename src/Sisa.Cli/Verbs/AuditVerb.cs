using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Auditing;
using Sisa.Engine.Certifying;
using Sisa.Engine.Publishing;
using Sisa.Evidence;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa audit</c>: what an independent auditor needs.</summary>
internal static class AuditVerb
{
    private static readonly Argument<string> Folder = new("folder") { Description = "Folder to write. It must not exist." };

    private static readonly Option<AuditContent?> Items = NamedOption.Create<AuditContent>(
        "--items", "What the bundle holds of the retained items: the items (records), or commitments to them for an auditor who has the source files (commitments).", AuditContent.Records);

    public static Command Create() => new("audit", "Export what an auditor needs to repeat the training.")
    {
        new Command("export", "Write a bundle for an auditor: recipe, assignment key, retained items or commitments to them, expected digests, certificates and log. It is registered for recall. 'sisa verify --rerun --bundle DIR' checks it.")
        {
            Folder, Items, CommonOptions.Wait, PassphraseOption.File,
        }.Does(Export),
    };

    private static ExitCode Export(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var store = CommonOptions.OpenStore(parse);
        var folder = parse.GetValue(Folder)!;
        Handout.RequireFree(folder);
        AuditExport.RequireUpToDate(store);
        var renewed = new Certification(store, PassphraseOption.Keys(parse, output), CommonOptions.Patience(parse)).RenewOutdated(cancellation);
        CertificationText.TellRenewed(renewed, output);
        var content = parse.GetValue(Items) ?? AuditContent.Records;
        var guide = new HandoutGuide("sisa audit export", $"sisa verify CERTIFICATE --public-key certificate.pub.pem --rerun --bundle THIS_FOLDER{(content == AuditContent.Commitments ? " --corpus FILE…" : string.Empty)}");
        var description = AuditExport.Write(store, folder, content, guide, CommonOptions.Patience(parse));
        var items = description.Shards.Sum(s => s.Slices.Sum(slice => slice.ItemCount));
        var checkpoints = description.Shards.Sum(s => s.Checkpoints.Count);
        output.Say($"Audit bundle of epoch {description.Epoch} written to {folder}: {Figures.Count(items, "item")}{(description.Content == AuditContent.Commitments ? " as commitments" : string.Empty)}, {Figures.Count(checkpoints, "checkpoint")} to compare.");
        output.Warn("It holds the assignment key. Give it to the auditor only.");
        output.Say($"The auditor runs: sisa verify --rerun --bundle {folder}");
        if (output.Json)
        {
            output.WriteJson(new { Folder = Handout.Target(folder), description.Epoch, description.Content, Items = items, Checkpoints = checkpoints, Bundle = description.Bundle(), description.Recipe, Renewed = renewed.Requests });
        }

        return ExitCode.Done;
    }
}
