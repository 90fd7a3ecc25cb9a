using Sisa.Evidence;

namespace Sisa.Engine.Certifying;

/// <summary>Proofs that a log holds signed statements.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
internal sealed class LogProofs
{
    private readonly SealedLog _log;
    private readonly MerkleNodes _nodes;
    private readonly Dictionary<Digest, int> _places = [];
    private readonly string _head;

    /// <summary>Finds the statements of a log.</summary>
    /// <param name="log">The log, with its signed head.</param>
    public LogProofs(SealedLog log)
    {
        _log = log;
        _nodes = new MerkleNodes(log.Leaves);
        _head = log.Head.ToString();
        for (var i = 0; i < log.Lines.Count; i++)
        {
            if (LogEntry.IsOf(log.Lines[i], LogEvent.Certified) && LogEntry.PayloadOf(log.Lines[i]) is { } payload)
            {
                _places[payload] = i;
            }
        }
    }

    /// <summary>The proof for a statement; <see langword="null"/> if the log does not hold it.</summary>
    /// <param name="payload">Digest of its signed bytes.</param>
    public LogProof? Of(Digest payload) => _places.TryGetValue(payload, out var index) ? new LogProof(_log.Lines[index], index, _nodes.Inclusion(index), _head) : null;
}
