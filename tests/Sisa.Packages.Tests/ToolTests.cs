namespace Sisa.Packages.Tests;

public sealed class ToolTests(Packed packed)
{
    [Fact]
    public void The_tool_is_installed_from_its_package_and_checks_a_certificate()
    {
        var home = Directory.CreateDirectory(packed["tool"]).FullName;
        packed.Run(home, $"dotnet tool install Sisa.Cli --version {Repository.Version} --tool-path . --add-source '{packed.Folder}'", 0);
        var sample = Path.Combine(Repository.Root, "samples", "verify-certificate");

        Assert.Contains(Repository.Version, packed.Run(home, "./sisa --version", 0), StringComparison.Ordinal);
        Assert.Contains("procedure recorded", packed.Run(home, $"./sisa verify '{sample}/certificate.json' --public-key '{sample}/certificate.pub.pem'", 0), StringComparison.Ordinal);
    }
}
