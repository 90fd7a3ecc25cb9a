using System.Text;
using BenchmarkDotNet.Attributes;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Models;
using Sisa.Storage.Files;
using Sisa.Training;

namespace Sisa.Bench;

/// <summary>What the evidence log costs as it grows: an entry more, opening the store over it, and proofs.</summary>
/// <remarks>An entry is committed to the manifest and appended to the log's file, both durable; the baseline is a line that is appended to a file and flushed. Proofs are against hashing the
/// tree's inner nodes once.</remarks>
[MinIterationCount(3)]
[MaxIterationCount(8)]
[GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class EvidenceLogAppend
{
    private string _folder = null!;
    private Engine.Stores.Store _store = null!;
    private FileStream _plain = null!;
    private byte[] _line = null!;
    private Digest[] _leaves = null!;
    private Digest _root;
    private MerkleNodes _nodes = null!;
    private IReadOnlyList<Digest> _path = null!;

    /// <summary>Entries that the log has already.</summary>
    [Params(1_000, 100_000, 1_000_000)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _folder = Directory.CreateTempSubdirectory("sisa-bench-").FullName;
        var root = Path.Combine(_folder, "store");
        using (var made = Store.Create(root, new Recipe { Labels = ["a", "b"], Model = new TextClassifierOptions() }))
        {
            var lines = Enumerable.Range(0, Entries).Select(i => Entry(i)).ToArray();
            made.Manifest.Write(() => Array.ForEach(lines, made.Manifest.Log.Add));
            _leaves = [.. lines.Select(line => MerkleTree.LeafOf(Encoding.UTF8.GetBytes(line)))];
        }

        // Opening brings the log's file up to date, and the next entry remembers so.
        _store = Store.Open(root);
        _store.Manifest.Write(_store.RecordExport);
        _plain = new FileStream(Path.Combine(_folder, "plain.jsonl"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        _line = Encoding.UTF8.GetBytes(Entry(0) + "\n");
        _root = MerkleTree.Root(_leaves);
        _nodes = new MerkleNodes(_leaves);
        _path = _nodes.Inclusion(Entries / 3);
    }

    [GlobalCleanup]
    public void Free()
    {
        _plain.Dispose();
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [BenchmarkCategory("append")]
    [Benchmark(Baseline = true)]
    public void Append_a_line_to_a_file()
    {
        _plain.Write(_line);
        DurableFile.Flush(_plain.SafeFileHandle, _plain.Name);
    }

    [BenchmarkCategory("append")]
    [Benchmark]
    public void Append_an_entry() => _store.Manifest.Write(_store.RecordExport);

    [BenchmarkCategory("append")]
    [Benchmark]
    public void Open_the_store() => Store.Open(_store.Layout.Root).Dispose();

    [BenchmarkCategory("proof")]
    [Benchmark(Baseline = true)]
    public Digest Hash_every_inner_node()
    {
        var last = _leaves[0];
        for (var i = 1; i < _leaves.Length; i++)
        {
            last = MerkleTree.Node(last, _leaves[i]);
        }

        return last;
    }

    [BenchmarkCategory("proof")]
    [Benchmark]
    public Digest Root() => MerkleTree.Root(_leaves);

    [BenchmarkCategory("proof")]
    [Benchmark]
    public int Prove_inclusion() => MerkleProof.Inclusion(_leaves, Entries / 3).Count;

    [BenchmarkCategory("proof")]
    [Benchmark]
    public int Prove_inclusion_in_a_hashed_tree() => _nodes.Inclusion(Entries / 3).Count;

    [BenchmarkCategory("proof")]
    [Benchmark]
    public int Prove_consistency() => MerkleProof.Consistency(_leaves, Entries / 3).Count;

    [BenchmarkCategory("proof")]
    [Benchmark]
    public bool Check_inclusion() => MerkleProof.IsIncluded(_leaves[Entries / 3], Entries / 3, Entries, _path, _root) ? true : throw new InvalidOperationException("The proof does not hold.");

    private static string Entry(int number) => new LogEntry { Event = LogEvent.Exported, At = DateTimeOffset.UnixEpoch.AddSeconds(number), Epoch = number }.ToLine();
}
