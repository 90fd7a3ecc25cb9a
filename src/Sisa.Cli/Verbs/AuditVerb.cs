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
    private static readonly Argument<string> Folder = new("folder") { Description = "Folder to write; must not exist." };

    private static readonly Option<AuditContent?> Items = NamedOption.Create<AuditContent>(
        "--items", "What the bundle holds of the retained items: themselves, or commitments to them, for an auditor who has the source files.", AuditContent.Records);

    public static Command Create() => new("audit", "Let somebody else repeat the training.")
    {
        new Command("export", "Write recipe, assignment key, retained items or commitments to them, the digests that must come out, certificates and log; registered for recall. Check it with 'sisa verify --rerun --bundle DIR'.")
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
        output.Say($"Audit bundle of epoch {description.Epoch} written to {folder}: {Figures.Count(items, "item")}{(description.Content == AuditContent.Commitments ? " as commitments" : string.Empty)}, {Figures.Count(checkpoints, "checkpoint")} to be compared.");
        output.Warn("It holds the assignment key: hand it to the auditor alone.");
        output.Say($"The auditor runs: sisa verify --rerun --bundle {folder}");
        if (output.Json)
        {
            output.WriteJson(new { Folder = Handout.Target(folder), description.Epoch, description.Content, Items = items, Checkpoints = checkpoints, Bundle = description.Bundle(), description.Recipe, Renewed = renewed.Requests });
        }

        return ExitCode.Done;
    }
}
