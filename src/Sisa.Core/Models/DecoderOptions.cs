using System.Globalization;
using System.Text.Json.Serialization;
using Sisa.Training;

namespace Sisa.Models;

/// <summary>Decoder-only transformer, trained whole: root-mean-square norms before each block, rotary positions, SwiGLU, grouped-query attention.</summary>
public sealed record DecoderOptions : SequenceModelOptions
{
    /// <summary>Number of layers.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Width of the residual stream.</summary>
    public int Width { get; init; } = 256;

    /// <summary>Attention heads; they divide the width, and each is of an even width.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Heads of keys and values, each shared by several of <see cref="Heads"/>; 0 for as many.</summary>
    public int KeyValueHeads { get; init; }

    /// <summary>Width of the feed-forward layer; 0 for 8/3 of <see cref="Width"/>, rounded up to a multiple of 32 (Shazeer 2020).</summary>
    public int Hidden { get; init; }

    /// <summary>Whether the output layer is the table of embeddings (Press and Wolf 2017).</summary>
    public bool TieEmbeddings { get; init; } = true;

    /// <summary>Base of the rotary positions' wave lengths (Su et al. 2021).</summary>
    public double RopeTheta { get; init; } = 10_000;

    /// <summary>Added to the mean square of a norm.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>How text is cut into tokens; a base has its own.</summary>
    public TokenizerKind Tokenizer { get; init; } = TokenizerKind.Bytes;

    /// <summary>With <see cref="Models.TokenizerKind.Files"/>: the folder of the files; in a store its own copy.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TokenizerFiles { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override TokenizerKind TokenizerKind => Base is null ? Tokenizer : TokenizerKind.Files;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool NeedsFiles => TokenizerKind == TokenizerKind.Files;

    /// <inheritdoc/>
    [JsonIgnore]
    public override DecoderShape Shape => Base is not null
        ? Files?.Shape ?? throw new InvalidOperationException("The files of the base were not read yet.")
        : new DecoderShape
        {
            Vocabulary = Vocabulary,
            Layers = Layers,
            Width = Width,
            Heads = Heads,
            KeyValueHeads = KeyValueHeads > 0 ? KeyValueHeads : Heads,
            HeadWidth = Width / Heads,
            Hidden = Hidden > 0 ? Hidden : ((8 * Width / 3) + 31) / 32 * 32,
            TieEmbeddings = TieEmbeddings,
            RopeTheta = RopeTheta,
            NormEpsilon = NormEpsilon,
        };

    /// <inheritdoc/>
    public override SequenceModelOptions WithFiles(string folder) => Base is null && Tokenizer == TokenizerKind.Files ? this with { TokenizerFiles = folder } : base.WithFiles(folder);

    /// <inheritdoc/>
    public override long ParameterCount(Recipe recipe) => Shape.Parameters;

    /// <inheritdoc/>
    public override long TensorCount(Recipe recipe) => 2 + ((Shape.AttentionBias ? 7 : 6) * Shape.Layers) + (Shape.TieEmbeddings ? 0 : 1);

    /// <inheritdoc/>
    public override string Describe() => string.Create(CultureInfo.InvariantCulture, $"decoder, {Shape.Layers} layers, width {Shape.Width}, {Shape.Parameters} parameters, context {Context}");
}
