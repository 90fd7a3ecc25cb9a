using System.Xml.Linq;

namespace Sisa.Packages.Tests;

/// <summary>A certificate is checked by a program that knows <c>Sisa.Core</c> alone.</summary>
public sealed class VerifyCertificateSampleTests(Packed packed)
{
    [Fact]
    public void A_stranger_checks_a_certificate_with_Sisa_Core_alone()
    {
        var sample = packed.Sample("verify-certificate");
        packed.Run(sample, "dotnet build -c Release -o out", 0);
        File.WriteAllText(Path.Combine(sample, "changed.json"), Changed(File.ReadAllText(Path.Combine(sample, "certificate.json"))));

        Assert.Equal("Example Library forgot 5 items of request request-0001: procedure recorded.\n", packed.Run(sample, "out/verify-certificate certificate.json certificate.pub.pem", 0));
        Assert.Contains("signature", packed.Run(sample, "out/verify-certificate changed.json certificate.pub.pem", 1), StringComparison.Ordinal);
        Assert.Equal(["Sisa.Core.dll", "verify-certificate.dll"], Directory.EnumerateFiles(Path.Combine(sample, "out"), "*.dll").Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Its_program_has_ten_lines() =>
        Assert.InRange(File.ReadLines(Path.Combine(Repository.Root, "samples", "verify-certificate", "Program.cs")).Count(line => line.Trim() is { Length: > 1 } text && !text.StartsWith("//", StringComparison.Ordinal)), 1, 10);

    [Fact]
    public void Samples_ask_for_the_version_that_is_packed()
    {
        foreach (var project in Directory.EnumerateFiles(Path.Combine(Repository.Root, "samples"), "*.csproj", SearchOption.AllDirectories))
        {
            var elements = XDocument.Load(project).Descendants().ToList();

            Assert.DoesNotContain(elements, element => element.Name.LocalName == "ProjectReference");
            Assert.All(elements.Where(element => element.Name.LocalName == "PackageReference" && element.Attribute("Include")!.Value.StartsWith("Sisa.", StringComparison.Ordinal)), reference => Assert.Equal(Repository.Version, reference.Attribute("Version")!.Value));
        }
    }

    // One character of the signature is another.
    private static string Changed(string certificate)
    {
        const string Member = "\"sig\":\"";
        var at = certificate.IndexOf(Member, StringComparison.Ordinal) + Member.Length + 10;
        return string.Concat(certificate.AsSpan(0, at), certificate[at] == 'A' ? "B" : "A", certificate.AsSpan(at + 1));
    }
}
