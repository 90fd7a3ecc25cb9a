using System.Globalization;
using System.Text;
using Sisa.Engine.Publishing;
using Sisa.Evidence;
using Sisa.Models;
using Sisa.Training;

namespace Sisa.Engine.Auditing;

/// <summary>The README.md of an audit bundle: what is in it, and what to do with it.</summary>
internal static class AuditReadMe
{
    public static string Of(AuditDescription description, Recipe recipe, HandoutGuide guide)
    {
        var needsSource = description.Content == AuditContent.Commitments;
        return new StringBuilder()
            .AppendLine("# Audit bundle")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"Made by `{guide.Maker}` at epoch {description.Epoch}. With this bundle, an auditor can train the ensemble again from scratch and compare every checkpoint, byte for byte:")
            .AppendLine()
            .AppendLine("```")
            .AppendLine(guide.Use)
            .AppendLine("```")
            .AppendLine()
            .AppendLine("Take certificate and public key from a source of your own. The copies here show only that the bundle is consistent.")
            .AppendLine("The comparison needs the same environment (processor family and libraries, or the profile `portable`), which `audit.json` names.")
            .AppendLine()
            .AppendLine("| file | content |")
            .AppendLine("| --- | --- |")
            .AppendLine("| `audit.json` | roots of slices, expected digests of checkpoints, environments |")
            .AppendLine("| `sisa.yaml` | the recipe |")
            .Append(recipe.BaseFolder is null ? string.Empty : $"| `{BaseFiles.FolderName}/` | the files of the public base or tokenizer that the recipe names |{Environment.NewLine}")
            .AppendLine("| `keys/assignment.key` | the assignment key. With it, guesses at items can be tested against roots: do not pass the folder on |")
            .AppendLine("| `keys/*.pub.pem` | public keys of certificates and log |")
            .AppendLine(needsSource ? "| `slices/` | a keyed leaf for each retained item, hexadecimal, one a line |" : "| `slices/` | the retained items |")
            .AppendLine("| `certificates/` | all certificates, in the public and in the auditor's form |")
            .AppendLine("| `log.jsonl`, `checkpoint` | the evidence log, and its newest signed head |")
            .AppendLine()
            .AppendLine("The owner keeps a list of the bundles that were handed out, and asks for their destruction when their items are forgotten.")
            .ToString();
    }
}
