using Sisa.Torch.Data;
using TorchSharp;

namespace Sisa.Torch.Models.Decoders;

/// <summary>Windows of tokens, and which token each position predicts.</summary>
/// <remarks>Shapes: N windows of a part, T positions (the longest window of the step), P positions that predict. A step is computed in parts of so many
/// windows, which bounds the memory of activations.</remarks>
internal sealed class WindowBatch : Batch
{
    private const long NoTarget = -1;

    private readonly int _vocabulary;
    private readonly int _partWindows;
    private readonly HostTensor<long> _tokens;
    private readonly HostTensor<long> _documents;
    private readonly HostTensor<long> _positions;
    private readonly HostTensor<long> _targets;
    private readonly long[] _allTokens;
    private readonly long[] _allDocuments;
    private readonly long[] _allTargets;
    private int _targetCount;
    private int _part;
    private int _partTargetCount;

    /// <summary>Allocates the buffers.</summary>
    /// <param name="vocabulary">Token numbers that there are.</param>
    /// <param name="context">Most tokens of a window.</param>
    /// <param name="windows">Most windows of a step.</param>
    /// <param name="partWindows">Most windows that are computed at a time.</param>
    /// <param name="device">Where the model runs.</param>
    public WindowBatch(int vocabulary, int context, int windows, int partWindows, torch.Device device)
        : base(windows, device)
    {
        (_vocabulary, _partWindows) = (vocabulary, partWindows);
        _tokens = new HostTensor<long>(checked(partWindows * context), device);
        _documents = new HostTensor<long>(checked(partWindows * context), device);
        _positions = new HostTensor<long>(checked(partWindows * context), device);
        _targets = new HostTensor<long>(checked(partWindows * context), device);
        _allTokens = new long[checked(windows * context)];
        _allDocuments = new long[_allTokens.Length];
        _allTargets = new long[_allTokens.Length];
    }

    /// <summary>Positions of every window: the length of the longest.</summary>
    public int Length { get; private set; }

    /// <inheritdoc/>
    public override int PartCount => (Count + _partWindows - 1) / _partWindows;

    /// <inheritdoc/>
    public override int TargetCount => _targetCount;

    /// <inheritdoc/>
    public override int PartTargetCount => _partTargetCount;

    /// <summary>Token numbers of the part; 0 behind the end of a window.</summary>
    public torch.Tensor Tokens_NT => _tokens.View(PartWindowCount, Length);

    /// <summary>Which document each position belongs to: numbers from 1 within a window, 0 behind its end.</summary>
    public torch.Tensor Documents_NT => _documents.View(PartWindowCount, Length);

    /// <summary>Numbers of the positions that predict, counted over the part window by window.</summary>
    public torch.Tensor Positions_P => _positions.View(PartTargetCount);

    /// <summary>Whether every position of the part predicts.</summary>
    public bool IsFull => PartTargetCount == PartWindowCount * Length;

    /// <inheritdoc/>
    public override torch.Tensor Labels_B => _targets.View(PartTargetCount);

    private int PartWindowCount => Math.Min(_partWindows, Count - (_part * _partWindows));

    /// <summary>Fills the windows of a step.</summary>
    /// <param name="source">Where the documents are.</param>
    /// <param name="pieces">The parts of documents that the step holds.</param>
    /// <exception cref="StoreException">A document holds a token number beyond the vocabulary.</exception>
    public void Load(ItemSource source, ReadOnlySpan<Piece> pieces)
    {
        var (rows, length) = (0, 0);
        foreach (var piece in pieces)
        {
            rows = Math.Max(rows, piece.Row + 1);
            length = Math.Max(length, piece.Column + piece.Length);
        }

        (Count, Length) = (rows, length);
        _targetCount = 0;
        _allTokens.AsSpan(0, rows * length).Clear();
        _allDocuments.AsSpan(0, rows * length).Clear();
        _allTargets.AsSpan(0, rows * length).Fill(NoTarget);
        for (var i = 0; i < pieces.Length; i++)
        {
            Place(source, pieces[i], i + 1);
        }

        SelectPart(0);
    }

    /// <inheritdoc/>
    public override void SelectPart(int part)
    {
        _part = part;
        var from = part * _partWindows * Length;
        var count = PartWindowCount * Length;
        _allTokens.AsSpan(from, count).CopyTo(_tokens.Memory);
        _allDocuments.AsSpan(from, count).CopyTo(_documents.Memory);
        _partTargetCount = 0;
        for (var position = 0; position < count; position++)
        {
            if (_allTargets[from + position] is not NoTarget and var target)
            {
                _positions.Memory[_partTargetCount] = position;
                _targets.Memory[_partTargetCount++] = target;
            }
        }
    }

    /// <inheritdoc/>
    private protected override void LoadFeatures(ItemSource source, ReadOnlySpan<int> indices) =>
        throw new NotSupportedException("Documents are read in windows.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _tokens.Dispose();
        _documents.Dispose();
        _positions.Dispose();
        _targets.Dispose();
    }

    private void Place(ItemSource source, Piece piece, int document)
    {
        var tokens = Tokens(source, piece.Item, _vocabulary, int.MaxValue).Slice(piece.From, piece.Length + 1);
        var start = (piece.Row * Length) + piece.Column;
        for (var t = 0; t < piece.Length; t++)
        {
            _allTokens[start + t] = tokens[t];
            _allTargets[start + t] = tokens[t + 1];
        }

        _allDocuments.AsSpan(start, piece.Length).Fill(document);
        _targetCount += piece.Length;
    }
}
