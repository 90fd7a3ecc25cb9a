using Sisa.Models;
using Sisa.Readers.OpenWeights;
using Sisa.Training;

namespace Sisa.Readers.Tokenizers;

/// <summary>Cuts text into token numbers, and puts it together again.</summary>
/// <remarks>Nothing here is learnt from a corpus (rule E5). Not thread-safe: implementations reuse their buffers.</remarks>
public abstract class Tokenizer
{
    /// <summary>Creates a tokenizer.</summary>
    /// <param name="numbers">Its token numbers.</param>
    protected Tokenizer(TokenNumbers numbers) => Numbers = numbers;

    /// <summary>Its token numbers.</summary>
    public TokenNumbers Numbers { get; }

    /// <summary>The tokenizer that a recipe declares.</summary>
    /// <param name="recipe">A valid recipe; where the tokenizer has files, <see cref="Recipe.BaseFolder"/> says where.</param>
    /// <exception cref="InvalidOperationException">The model reads no tokens.</exception>
    /// <exception cref="StoreException">The files are missing or malformed, or give other token numbers than the recipe records.</exception>
    public static Tokenizer Create(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var model = recipe.Model as SequenceModelOptions ?? throw new InvalidOperationException("The model reads no tokens.");
        return model.TokenizerKind switch
        {
            TokenizerKind.Bytes => new ByteTokenizer(TokenNumbers.OfBytes),
            TokenizerKind.Cl100kBase => TiktokenEncodingTokenizer.Cl100kBase(model.Tokens),
            TokenizerKind.O200kBase => TiktokenEncodingTokenizer.O200kBase(model.Tokens),
            _ => OfFiles(recipe.BaseFolder ?? throw new InvalidOperationException("The place of the tokenizer's files is not set."), model.Files ?? throw new InvalidOperationException("The files of the tokenizer were not read yet.")),
        };
    }

    /// <summary>Bytes without a token. Characters that have one are omitted from a text's tokens. Usually none: then the bytes of a text's tokens are those of the text.</summary>
    public virtual IReadOnlyList<byte> MissingBytes => [];

    /// <summary>Appends the tokens of a text, without marks before or after it.</summary>
    /// <param name="utf8">Valid UTF-8. What looks like a mark in it is text.</param>
    /// <param name="tokens">Receives the token numbers, in order.</param>
    public abstract void Encode(ReadOnlySpan<byte> utf8, List<int> tokens);

    /// <summary>The bytes of a token; none for marks and unused numbers.</summary>
    /// <param name="token">Token number, from 0 to below the vocabulary of the model, which may have more numbers than the tokenizer.</param>
    /// <returns>A part of UTF-8: a code point may take several tokens.</returns>
    public abstract ReadOnlyMemory<byte> Bytes(int token);

    /// <summary>Appends the tokens of a whole document: mark, text, mark.</summary>
    /// <param name="utf8">Valid UTF-8.</param>
    /// <param name="tokens">Receives the token numbers.</param>
    public void EncodeDocument(ReadOnlySpan<byte> utf8, List<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        EncodePrompt(utf8, tokens);
        tokens.Add(Numbers.End);
    }

    /// <summary>Appends the tokens of the beginning of a document: mark and text.</summary>
    /// <param name="utf8">Valid UTF-8.</param>
    /// <param name="tokens">Receives the token numbers.</param>
    public void EncodePrompt(ReadOnlySpan<byte> utf8, List<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (Numbers.Begin is { } begin)
        {
            tokens.Add(begin);
        }

        Encode(utf8, tokens);
    }

    private static Tokenizer OfFiles(string folder, BaseFiles files)
    {
        Tokenizer tokenizer;
        try
        {
            tokenizer = TokenizerFolder.Open(folder, files.Shape?.Vocabulary ?? files.Tokens.Vocabulary);
        }
        catch (OpenWeightsException e)
        {
            throw OpenWeightsFolder.Damaged(e);
        }

        return tokenizer.Numbers == files.Tokens ? tokenizer : throw new StoreException(
            $"The tokenizer in {folder} has {tokenizer.Numbers}, the recipe records {files.Tokens}.",
            "The files were exchanged. Restore those from which the store was created.");
    }
}
