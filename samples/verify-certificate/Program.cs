using Sisa.Evidence;

// The key comes from the issuer of the certificate, by a way that you trust.
var key = new PublicKeyText(args[1], File.ReadAllText(args[1]));
var findings = new CertificateChecker(key).Check(File.ReadAllBytes(args[0]));
findings.Faults.ToList().ForEach(Console.WriteLine);
if (findings is { IsValid: true, Verdict.Statement.Predicate: var erasure })
{
    Console.WriteLine($"{erasure.Issuer?.Organisation} forgot {erasure.Items.Commitments.Count} items of request {erasure.Request.Id}: {findings.Standing}.");
}

return findings.IsValid ? 0 : 1;
