using System.Security.Cryptography;

namespace Sisa.Packages.Tests;

public sealed class SamePackagesTests(Packed packed)
{
    [Fact]
    public void Two_packs_of_the_same_sources_in_two_folders_give_equal_bytes()
    {
        var again = packed.Pack(Path.Combine("second", "folder", "with a longer name"));

        Assert.Equal(Digests(packed.Folder), Digests(again));
    }

    private static SortedDictionary<string, string> Digests(string folder)
    {
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            using var file = File.OpenRead(path);
            digests.Add(Path.GetFileName(path), Convert.ToHexString(SHA256.HashData(file)));
        }

        return digests;
    }
}
