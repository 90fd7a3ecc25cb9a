using Sisa.Generation;
using Sisa.Models;
using Sisa.Storage.Checkpoints;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Decoders;
using Sisa.Torch.Native;
using TorchSharp;

namespace Sisa.Torch.Inference;

/// <summary>Log-probabilities of the tokens of documents, window by window as training packs them.</summary>
/// <remarks>Shapes: S constituents of a group, B windows, N = S · B, T positions, P positions that predict, W width, V vocabulary. How much is computed at a time follows from the recipe
/// alone, so memory is bounded whatever the documents. Not thread-safe.</remarks>
internal sealed class DocumentScorer : IDisposable
{
    // Logits, and the intermediate results of one window for all constituents of a group, stay within about 64 MB, or within the needs of a single window of one constituent.
    private const long MostFloats = 16L * 1024 * 1024;

    // Windows are computed together only while their results fit into the caches: larger tensors took up to a fifth longer, because their memory is new at every call.
    private const long NearFloats = 2L * 1024 * 1024;
    private const int MostWindows = 64;

    private readonly DecoderFamily _family;
    private readonly TokenNumbers _tokens;
    private readonly WindowBatch _batch;
    private readonly int _positions;

    /// <summary>Allocates the buffers.</summary>
    /// <param name="family">The computation.</param>
    /// <param name="tokens">The numbers of the tokenizer.</param>
    /// <param name="groupSize">Most constituents that are computed together.</param>
    /// <param name="device">Where the models run.</param>
    public DocumentScorer(DecoderFamily family, TokenNumbers tokens, int groupSize, torch.Device device)
    {
        (_family, _tokens) = (family, tokens);
        var windows = (int)Math.Clamp(NearFloats / (groupSize * Decoder.AnswerFloats(family.Shape, family.Context)), 1, MostWindows);
        _batch = new WindowBatch(family.Shape.Vocabulary, family.Context, windows, windows, device);
        _positions = (int)Math.Clamp(MostFloats / ((long)groupSize * family.Shape.Vocabulary), 1, int.MaxValue);
    }

    /// <summary>How many constituents are best computed together: as many as a window's activations leave room for. Alone where the copies of the weights would be large, and one
    /// product keeps the processor busy anyway.</summary>
    /// <param name="family">The computation.</param>
    /// <param name="constituents">Most constituents that there will be.</param>
    public static int GroupSize(DecoderFamily family, int constituents) =>
        family.Parameters.Sum(parameter => parameter.Count) > MostFloats
            ? 1
            : (int)Math.Clamp(MostFloats / Decoder.AnswerFloats(family.Shape, family.Context), 1, constituents);

    /// <summary>Scores documents.</summary>
    /// <param name="groups">The constituents.</param>
    /// <param name="documents">Encoded documents.</param>
    /// <param name="normalise">Whether the normalisers of the geometric mean are wanted.</param>
    /// <param name="greedy">Whether the numbers of the tokens that greedy generation would draw are wanted instead of the log-probabilities of the document's own: NaN where nothing can be drawn.</param>
    /// <returns>Of each document, the log-probability of every token but the first: [constituents, tokens], row-major; and, where wanted, the normalisers [tokens].</returns>
    /// <exception cref="StoreException">A document is not in the recipe's layout.</exception>
    public (float[] LogProbabilities, float[] Normalisers)[] Score(IReadOnlyList<DecoderGroup> groups, IReadOnlyList<ReadOnlyMemory<byte>> documents, bool normalise, bool greedy = false)
    {
        var constituents = groups.Sum(group => group.Count);
        var scores = documents
            .Select(document => Math.Max(0, (document.Length / sizeof(int)) - 1))
            .Select(tokens => (new float[constituents * tokens], new float[normalise ? tokens : 0]))
            .ToArray();
        var source = new MemoryItems(documents);
        int[] order = [.. Enumerable.Range(0, documents.Count)];
        using var noGrad = torch.no_grad();
        foreach (var step in WindowPacking.Pack(source, order, _family.Context, _batch.Capacity))
        {
            using var scope = torch.NewDisposeScope();
            _batch.Load(source, step);
            torch.Tensor[] states = [.. groups.Select(States_SPW)];
            var (answers, normalisers) = (new float[constituents * _batch.TargetCount], new float[normalise ? _batch.TargetCount : 0]);
            for (var from = 0; from < _batch.TargetCount; from += _positions)
            {
                Ask(groups, states, from, Math.Min(_positions, _batch.TargetCount - from), greedy, answers, normalisers);
            }

            Deal(step, constituents, answers, normalisers, scores);
        }

        return scores;
    }

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();

    private torch.Tensor States_SPW(DecoderGroup group)
    {
        using var scope = torch.NewDisposeScope();
        var attention = new WindowAttention(_batch.Documents_NT.repeat(group.Count, 1));
        var x_NTW = group.Hidden(_batch.Tokens_NT, attention).view(group.Count, -1, _family.Shape.Width);
        return (_batch.IsFull ? x_NTW : x_NTW.index_select(1, _batch.Positions_P)).MoveToOuterDisposeScope();
    }

    // Answers [constituents, positions of the step] and normalisers [positions of the step], from some position on.
    private void Ask(IReadOnlyList<DecoderGroup> groups, torch.Tensor[] states, int from, int count, bool greedy, Span<float> answers, Span<float> normalisers)
    {
        using var scope = torch.NewDisposeScope();
        var targets_1P1 = _batch.Labels_B.narrow(0, from, count).view(1, count, 1);
        torch.Tensor? sum_PV = null;
        var row = 0;
        for (var g = 0; g < groups.Count; g++)
        {
            using var groupScope = torch.NewDisposeScope();
            var logs_SPV = groups[g].LogProbabilities(states[g].narrow(1, from, count));
            var chosen = greedy ? Greedy(logs_SPV) : ParameterSet.Memory(logs_SPV.gather(2, targets_1P1.expand(groups[g].Count, count, 1)).cpu().contiguous());
            for (var s = 0; s < groups[g].Count; s++, row++)
            {
                chosen.Slice(s * count, count).CopyTo(answers.Slice((row * _batch.TargetCount) + from, count));
            }

            if (!normalisers.IsEmpty)
            {
                var own_PV = logs_SPV.sum([0]);
                sum_PV = (sum_PV is null ? own_PV : sum_PV.Sum(own_PV)).MoveToOuterDisposeScope();
            }
        }

        if (sum_PV is not null)
        {
            var normalisers_P = torch.logsumexp(sum_PV.Times(1.0 / row), 1).cpu().contiguous();
            ParameterSet.Memory(normalisers_P).CopyTo(normalisers[from..]);
        }
    }

    // Token numbers are below 2^24, where every whole number is a float.
    private float[] Greedy(torch.Tensor logs_SPV)
    {
        var logs = ParameterSet.Memory(logs_SPV.cpu().contiguous());
        var (vocabulary, row_V) = (_family.Shape.Vocabulary, new float[_family.Shape.Vocabulary]);
        var drawn_SP = new float[logs.Length / vocabulary];
        for (var i = 0; i < drawn_SP.Length; i++)
        {
            logs.Slice(i * vocabulary, vocabulary).CopyTo(row_V);
            if (!FiniteCheck.IsFinite(row_V))
            {
                drawn_SP[i] = float.NaN;
                continue;
            }

            TokenSampler.Exclude(row_V, _tokens);
            drawn_SP[i] = TokenSampler.Likeliest<float>(row_V);
        }

        return drawn_SP;
    }

    // Positions of a step are counted window by window, so its pieces follow one another in the order of their places.
    private void Deal(Piece[] step, int constituents, ReadOnlySpan<float> answers, ReadOnlySpan<float> normalisers, (float[] LogProbabilities, float[] Normalisers)[] scores)
    {
        var position = 0;
        foreach (var piece in step.OrderBy(piece => piece.Row).ThenBy(piece => piece.Column))
        {
            var (own, ownNormalisers) = scores[piece.Item];
            var tokens = own.Length / constituents;
            for (var c = 0; c < constituents; c++)
            {
                answers.Slice((c * _batch.TargetCount) + position, piece.Length).CopyTo(own.AsSpan((c * tokens) + piece.From));
            }

            if (!normalisers.IsEmpty)
            {
                normalisers.Slice(position, piece.Length).CopyTo(ownNormalisers.AsSpan(piece.From));
            }

            position += piece.Length;
        }
    }
}
