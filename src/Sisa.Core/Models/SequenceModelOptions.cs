using System.Text.Json.Serialization;

namespace Sisa.Models;

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

    /// <summary>Declared training data of <see cref="Base"/> and tokenizer files; required if there are any (rule E5).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DataOrigin? TrainedOn { get; init; }

    /// <summary>The files as read when the store was created; <see langword="null"/> before, and if there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BaseFiles? Files { get; init; }

    /// <summary>How text is cut into tokens.</summary>
    [JsonIgnore]
    public abstract TokenizerKind TokenizerKind { get; }

    /// <summary>Whether the model needs files beside the recipe: weights, a tokenizer, or both.</summary>
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
        _ => Files?.Tokens ?? throw new InvalidOperationException("The files of the tokenizer were not read yet."),
    };

    /// <summary>The same model, its files in a given folder.</summary>
    /// <param name="folder">The folder; in a store its own copy, <see cref="BaseFiles.FolderName"/>.</param>
    public virtual SequenceModelOptions WithFiles(string folder) => this with { Base = folder };
}
