namespace Sisa.Readers.Tokenizers;

/// <summary>Which fields of a SentencePiece model are known: every other one could change the tokens of a text, and is refused by its number.</summary>
/// <remarks>Meanings: <c>sentencepiece_model.proto</c> of SentencePiece 0.2. Values that would change texts are refused where the model is read.</remarks>
internal static class SentencePieceFields
{
    private const int Pieces = 1;
    private const int Trainer = 2;
    private const int Normalizer = 3;
    private const int SelfTest = 4;
    private const int Denormalizer = 5;
    private const int CharacterMap = 2;
    private const int Rules = 6;

    // Text, score and kind.
    private static readonly int[] PieceFields = [1, 2, 3];

    // Most are a record of how the model was trained. What counts for a text is its kind (3), whether spaces end pieces (24), whether it falls back to bytes (35), and the marks (41, 42).
    private static readonly int[] TrainerFields = [.. Enumerable.Range(1, 7), .. Enumerable.Range(10, 17), .. Enumerable.Range(30, 7), .. Enumerable.Range(40, 15)];

    // Name, character map, a space before a text, removed spaces, spaces as a sign, and the rules from which the character map was made.
    private static readonly int[] NormalizerFields = [1, 2, 3, 4, 5, 6];

    /// <summary>Refuses a model with an unknown field, or with one that changes texts.</summary>
    /// <param name="file">The file's bytes, which can be read.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="OpenWeightsException">It has one.</exception>
    public static void RefuseUnknown(ReadOnlySpan<byte> file, string path)
    {
        try
        {
            Walk(file, path);
        }
        catch (FormatException e)
        {
            throw new OpenWeightsException($"{path} is not a SentencePiece model: {e.Message}", "Get the file again from its publisher.", e);
        }
    }

    private static void Walk(ReadOnlySpan<byte> file, string path)
    {
        var message = new ProtocolFields(file);
        while (message.Next())
        {
            switch (message.IsNumber ? 0 : message.Field)
            {
                case Pieces:
                    Require(message.Bytes, PieceFields, "a piece", path);
                    break;
                case Trainer:
                    Require(message.Bytes, TrainerFields, "trainer_spec", path);
                    break;
                case Normalizer:
                    Require(message.Bytes, NormalizerFields, "normalizer_spec", path);
                    RequireEmpty(message.Bytes, "normalizer_spec", path);
                    break;
                case Denormalizer:
                    Require(message.Bytes, NormalizerFields, "denormalizer_spec", path);
                    RequireEmpty(message.Bytes, "denormalizer_spec", path);
                    break;
                case SelfTest:
                    break;
                default:
                    throw Refuse(path, $"has the field {message.Field}", "those of a SentencePiece model: pieces, trainer_spec, normalizer_spec, self_test_data and denormalizer_spec");
            }
        }
    }

    private static void Require(ReadOnlySpan<byte> message, int[] known, string name, string path)
    {
        var fields = new ProtocolFields(message);
        while (fields.Next())
        {
            if (Array.IndexOf(known, fields.Field) < 0)
            {
                throw Refuse(path, $"has the field {fields.Field} in {name}", "no field that Sisa does not know, because it may change the tokens of a text");
            }
        }
    }

    private static void RequireEmpty(ReadOnlySpan<byte> message, string name, string path)
    {
        var fields = new ProtocolFields(message);
        while (fields.Next())
        {
            if (fields.Field is CharacterMap or Rules && !fields.IsNumber && fields.Bytes.Length > 0)
            {
                throw Refuse(path, $"changes texts: {name} has {(fields.Field == CharacterMap ? "precompiled_charsmap" : "normalization_rule_tsv")}", "none, so that tokens give the text back, as in the tokenizers of Llama and Mistral");
            }
        }
    }

    private static OpenWeightsException Refuse(string path, string found, string allowed) =>
        new($"{path} {found}; allowed: {allowed}.", "Choose a base with a tokenizer like those of Llama, Mistral, GPT-2 or Qwen2.");
}
