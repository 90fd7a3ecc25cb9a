namespace Sisa.Cli.Tests.Surface;

/// <summary>Text that is committed and compared: what the project promises to others. With <c>SISA_ACCEPT=1</c> (<c>./build.sh accept</c>) it is written anew instead, to be read in the diff.</summary>
internal static class Snapshot
{
    private const int ShownLines = 12;

    private static readonly bool IsAccepted = Environment.GetEnvironmentVariable("SISA_ACCEPT") == "1";

    /// <summary>Folder of the committed texts.</summary>
    public static string Folder => Path.Combine(DocumentedCommands.Root(), "tests", "Sisa.Cli.Tests", "Surface");

    /// <summary>Fails where the text is another one than the committed one.</summary>
    /// <param name="file">Path within <see cref="Folder"/>.</param>
    /// <param name="actual">The text as it is now.</param>
    public static void Require(string file, string actual)
    {
        var path = Path.Combine(Folder, file);
        if (IsAccepted)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return;
        }

        var expected = File.Exists(path) ? File.ReadAllText(path) : string.Empty;
        Assert.True(expected == actual, $"{file} is not what is committed:\n{Difference(expected.Split('\n'), actual.Split('\n'))}\nIf the change is meant, './build.sh accept' writes the file anew.");
    }

    private static string Difference(string[] expected, string[] actual)
    {
        var (gone, added) = (expected.Except(actual, StringComparer.Ordinal).ToList(), actual.Except(expected, StringComparer.Ordinal).ToList());
        return gone.Count + added.Count == 0
            ? "The lines are the same, in another order or number."
            : string.Join('\n', gone.Take(ShownLines).Select(line => $"- {line}").Concat(added.Take(ShownLines).Select(line => $"+ {line}")));
    }
}
