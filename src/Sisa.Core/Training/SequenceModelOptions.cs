using System.Text.Json.Serialization;

namespace Sisa.Training;

/// <summary>Models that read a text token by token: language models, and heads on one.</summary>
/// <remarks>What follows from other members is no part of what is declared; an override must say so again, for the serializer does not ask what it overrides.</remarks>
public abstract record SequenceModelOptions : ModelOptions
{
    /// <summary>Tokens of a training window, and the most that the model looks back at.</summary>
    public int Context { get; init; } = 256;

    /// <summary>Folder of a base: the open weights that are adapted, or that training starts from, with their tokenizer. In a recipe file relative to it; in a store always
    /// its own copy (<see cref="BaseFiles.FolderName"/>). <see langword="null"/> for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Base { get; init; }

    /// <summary>What <see cref="Base"/> and tokenizer files were trained on, as declared; required where there are any (rule E5).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DataOrigin? TrainedOn { get; init; }

    /// <summary>What was found in the files when the store was made; <see langword="null"/> before, and where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BaseFiles? Files { get; init; }

    /// <summary>How text is cut into tokens.</summary>
    [JsonIgnore]
    public abstract TokenizerKind TokenizerKind { get; }

    /// <summary>Whether files beside the recipe belong to the model: weights, a tokenizer, or both.</summary>
    [JsonIgnore]
    public abstract bool NeedsFiles { get; }

    /// <summary>Sizes of the decoder; those of the base where it has one.</summary>
    /// <exception cref="InvalidOperationException">They are the base's, whose files were not looked at yet.</exception>
    [JsonIgnore]
    public abstract DecoderShape Shape { get; }

    /// <summary>Token numbers that there are, marks included.</summary>
    /// <exception cref="InvalidOperationException">They are the tokenizer files', which were not looked at yet.</exception>
    [JsonIgnore]
    public int Vocabulary => Files?.Shape?.Vocabulary ?? Tokens.Vocabulary;

    /// <summary>The token numbers of the tokenizer.</summary>
    /// <exception cref="InvalidOperationException">They are the tokenizer files', which were not looked at yet.</exception>
    [JsonIgnore]
    public TokenNumbers Tokens => TokenizerKind switch
    {
        TokenizerKind.Bytes => TokenNumbers.OfBytes,
        TokenizerKind.Cl100kBase => new TokenNumbers(100_277, 100_257, 100_257),
        TokenizerKind.O200kBase => new TokenNumbers(200_019, 199_999, 199_999),
        _ => Files?.Tokens ?? throw new InvalidOperationException("The files of the tokenizer were not looked at yet."),
    };
}

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

    /// <summary>With <see cref="Training.TokenizerKind.Files"/>: the folder of the files; in a store its own copy.</summary>
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
        ? Files?.Shape ?? throw new InvalidOperationException("The files of the base were not looked at yet.")
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
}

/// <summary>Low-rank updates of a frozen public base (LoRA: Hu et al. 2021), or a classification head on it. The base itself cannot be forgotten.</summary>
public sealed record AdapterOptions : SequenceModelOptions
{
    /// <summary>Rank of the updates; 0 for a head alone.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>The updates are scaled by alpha / rank.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Layers that are updated.</summary>
    public IReadOnlyList<AdapterTarget> Targets { get; init; } = [AdapterTarget.Query, AdapterTarget.Key, AdapterTarget.Value, AdapterTarget.Output];

    /// <inheritdoc/>
    [JsonIgnore]
    public override TokenizerKind TokenizerKind => TokenizerKind.Files;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool NeedsFiles => true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override DecoderShape Shape => Files?.Shape ?? throw new InvalidOperationException("The files of the base were not looked at yet.");
}

/// <summary>A linear layer of a decoder's block, as open-weights files name them.</summary>
public enum AdapterTarget
{
    /// <summary><c>q_proj</c>.</summary>
    Query,

    /// <summary><c>k_proj</c>.</summary>
    Key,

    /// <summary><c>v_proj</c>.</summary>
    Value,

    /// <summary><c>o_proj</c>.</summary>
    Output,

    /// <summary><c>gate_proj</c>.</summary>
    Gate,

    /// <summary><c>up_proj</c>.</summary>
    Up,

    /// <summary><c>down_proj</c>.</summary>
    Down,
}

/// <summary>How text is cut into tokens.</summary>
public enum TokenizerKind
{
    /// <summary>The bytes of UTF-8, and two marks: no learnt state, any language.</summary>
    Bytes,

    /// <summary>The pre-trained tiktoken encoding <c>cl100k_base</c>.</summary>
    Cl100kBase,

    /// <summary>The pre-trained tiktoken encoding <c>o200k_base</c>.</summary>
    O200kBase,

    /// <summary>Files of an open-weights directory.</summary>
    Files,
}

/// <summary>What a base or a tokenizer was trained on.</summary>
public enum DataOrigin
{
    /// <summary>Data that is public and that no request can concern.</summary>
    Public,
}

/// <summary>Sizes of a decoder of the Llama family.</summary>
public sealed record DecoderShape
{
    /// <summary>Token numbers that there are.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int Width { get; init; }

    /// <summary>Attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Heads of keys and values; divides <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of a head, even.</summary>
    public required int HeadWidth { get; init; }

    /// <summary>Width of the feed-forward layer.</summary>
    public required int Hidden { get; init; }

    /// <summary>Whether the output layer is the table of embeddings.</summary>
    public bool TieEmbeddings { get; init; }

    /// <summary>Base of the rotary positions' wave lengths.</summary>
    public double RopeTheta { get; init; } = 10_000;

    /// <summary>Added to the mean square of a norm.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Whether queries, keys and values have biases, as in Qwen2.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Rows of queries, keys and values together: outputs of the fused projection.</summary>
    [JsonIgnore]
    public int QueryKeyValueWidth => (Heads + (2 * KeyValueHeads)) * HeadWidth;

    /// <summary>Numbers of all parameters.</summary>
    [JsonIgnore]
    public long Parameters
    {
        get
        {
            var attention = (long)(QueryKeyValueWidth * ((long)Width + (AttentionBias ? 1 : 0))) + ((long)Heads * HeadWidth * Width);
            var layer = attention + (3L * Width * Hidden) + (2L * Width);
            return ((long)Vocabulary * Width * (TieEmbeddings ? 1 : 2)) + (Layers * layer) + Width;
        }
    }
}

/// <summary>Token numbers of a tokenizer.</summary>
/// <param name="Vocabulary">Numbers that there are, marks included.</param>
/// <param name="Begin">The mark before every text, or <see langword="null"/> for none.</param>
/// <param name="End">The mark after every text.</param>
public sealed record TokenNumbers(int Vocabulary, int? Begin, int End)
{
    /// <summary>Those of <see cref="TokenizerKind.Bytes"/>: bytes, then two marks.</summary>
    public static TokenNumbers OfBytes { get; } = new(258, 256, 257);

    /// <summary>The token that generation never draws: the mark before texts, unless it ends them too; <see langword="null"/> for none.</summary>
    [JsonIgnore]
    public int? Undrawn => Begin == End ? null : Begin;
}

/// <summary>What was found in the folder of a base or a tokenizer when the store was made: part of the recipe digest.</summary>
/// <param name="Digest">SHA-256 over name and SHA-256 of every file that is used, in ordinal order of the names.</param>
/// <param name="Tokens">Token numbers of its tokenizer.</param>
/// <param name="Shape">Sizes of its weights; <see langword="null"/> where only the tokenizer is used.</param>
public sealed record BaseFiles(Digest Digest, TokenNumbers Tokens, DecoderShape? Shape)
{
    /// <summary>Name of the folder within a store, an export or an audit bundle.</summary>
    public const string FolderName = "base";
}
