using System.Globalization;
using System.Text;
using Sisa.Evidence;
using Sisa.Models;
using Sisa.Training;

namespace Sisa.Engine.Auditing;

/// <summary>The README.md of an audit bundle: what is in it, and what to do with it.</summary>
internal static class AuditReadMe
{
    public static string Of(AuditDescription description, Recipe recipe)
    {
        var needsSource = description.Content == AuditContent.Commitments;
        return new StringBuilder()
            .AppendLine("# Audit bundle")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"Made by `sisa audit export` at epoch {description.Epoch}. Whoever has it can train the ensemble again from scratch and compare every checkpoint, byte for byte:")
            .AppendLine()
            .AppendLine("```")
            .AppendLine(CultureInfo.InvariantCulture, $"sisa verify CERTIFICATE --public-key certificate.pub.pem --rerun --bundle THIS_FOLDER{(needsSource ? " --corpus FILE…" : string.Empty)}")
            .AppendLine("```")
            .AppendLine()
            .AppendLine("Take certificate and public key from a source of your own: what lies here shows only that the bundle agrees with itself.")
            .AppendLine("The same environment is needed (processor family and libraries, or the profile `portable`); `audit.json` names it.")
            .AppendLine()
            .AppendLine("| file | what it is |")
            .AppendLine("| --- | --- |")
            .AppendLine("| `audit.json` | roots of slices, digests of checkpoints, environments: what must come out |")
            .AppendLine("| `sisa.yaml` | the recipe |")
            .Append(recipe.BaseFolder is null ? string.Empty : $"| `{BaseFiles.FolderName}/` | the files of the public base or tokenizer that the recipe names |{Environment.NewLine}")
            .AppendLine("| `keys/assignment.key` | the assignment key; with it guesses at items can be tested against roots, so keep the folder to yourself |")
            .AppendLine("| `keys/*.pub.pem` | public keys of certificates and log |")
            .AppendLine(needsSource ? "| `slices/` | a keyed leaf for each retained item, hexadecimal, a line each |" : "| `slices/` | the retained items |")
            .AppendLine("| `certificates/` | certificates issued so far, for anybody and for auditors |")
            .AppendLine("| `log.jsonl`, `checkpoint` | the evidence log, and its newest signed head |")
            .AppendLine()
            .AppendLine("The owner keeps a list of bundles handed out, and asks for this one to be destroyed when something in it is forgotten.")
            .ToString();
    }
}
