using System.Text;
using Sisa.Cli.Terminal;
using Sisa.Sharding;
using Sisa.Storage.Files;

namespace Sisa.Cli.Quickstart;

/// <summary>The folder in which the quickstart works. It replaces what an earlier quickstart made there, and nothing else.</summary>
internal sealed class QuickstartFolder
{
    private const string Mark = "Made by 'sisa quickstart'; running it again here starts over.";

    private const string About =
        $"""
        {Mark}

        train.jsonl      the sample: short texts by invented people
        test.jsonl       held-out texts by other invented people
        person.jsonl     those texts of train.jsonl whose author asks to be forgotten
        sisa.yaml        the recipe
        assignment.key   decides which author goes to which shard; a store of your own draws a secret one
        store            the store

        """;

    private static readonly string[] _ownFiles = ["train.jsonl", "test.jsonl", "person.jsonl", "sisa.yaml", "assignment.key"];

    private QuickstartFolder(string path) => Path = path;

    /// <summary>The folder, as it was named.</summary>
    public string Path { get; }

    /// <summary>The recipe.</summary>
    public string Recipe => System.IO.Path.Combine(Path, "sisa.yaml");

    /// <summary>The assignment key.</summary>
    public string AssignmentKey => System.IO.Path.Combine(Path, "assignment.key");

    /// <summary>The store.</summary>
    public string Store => System.IO.Path.Combine(Path, "store");

    private string Readme => System.IO.Path.Combine(Path, "README.txt");

    /// <summary>Makes the folder, or empties it of what an earlier quickstart made.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="UsageException">There is something that no quickstart made.</exception>
    /// <exception cref="StoreBusyException">Another process works with the store of an earlier quickstart.</exception>
    public static QuickstartFolder Prepare(string path)
    {
        var folder = new QuickstartFolder(path);
        if (string.IsNullOrWhiteSpace(path) || File.Exists(path))
        {
            throw new UsageException($"'{path}' is not a folder.", "Name a new or an empty folder with '--folder DIR'.");
        }

        // A temporary README is what a crash leaves that came before the first mark.
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any(entry => entry != folder.Readme + DurableFile.TemporarySuffix))
        {
            folder.RefuseForeign();
            folder.Clear();
        }

        // Write the mark first, so that the next run recognises the folder after any crash.
        DurableFile.CreateFolder(path);
        DurableFile.Write(folder.Readme, Encoding.UTF8.GetBytes(About));
        return folder;
    }

    /// <summary>Writes the recipe and the assignment key.</summary>
    /// <param name="seed">Seed of the key, so that every quickstart puts every author into the same shard and slice.</param>
    public void WriteDeclarations(ulong seed)
    {
        DurableFile.Write(Recipe, Encoding.UTF8.GetBytes(SampleRecipe.Yaml));
        var key = new AssignmentKey(Seeds.Derive(seed, "sample/assignment key").ToBytes());
        DurableFile.Write(AssignmentKey, key.ToFileBytes(), ownerOnly: true);
    }

    private void RefuseForeign()
    {
        if (!File.Exists(Readme) || File.ReadLines(Readme).FirstOrDefault() != Mark)
        {
            throw new UsageException($"Folder {Path} holds files that no quickstart wrote.", "Name a new or an empty folder with '--folder DIR'.");
        }
    }

    private void Clear()
    {
        if (Directory.Exists(Store))
        {
            StoreLock.Acquire(new StoreLayout(Store), TimeSpan.Zero).Dispose();
            Directory.Delete(Store, recursive: true);
        }

        DurableFile.Delete(_ownFiles.SelectMany(name => new[] { name, name + DurableFile.TemporarySuffix }).Select(name => System.IO.Path.Combine(Path, name)));
    }
}
