namespace Sisa.Readers.Tokenizers;

/// <summary>The characters by which byte-level vocabularies write bytes (Radford et al. 2019, <c>bytes_to_unicode</c>): printable ones stand for themselves, the others for those from U+0100 on.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] Symbols = Make();
    private static readonly Dictionary<char, byte> Values = Symbols.Select((symbol, value) => (symbol, (byte)value)).ToDictionary();

    /// <summary>The character of a byte.</summary>
    /// <param name="value">The byte.</param>
    public static char SymbolOf(byte value) => Symbols[value];

    /// <summary>The bytes that a token of a vocabulary stands for, or <see langword="null"/> if it is not written in this alphabet.</summary>
    /// <param name="token">The token as the vocabulary writes it.</param>
    public static byte[]? BytesOf(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            if (!Values.TryGetValue(token[i], out bytes[i]))
            {
                return null;
            }
        }

        return bytes;
    }

    private static char[] Make()
    {
        var symbols = new char[256];
        var next = '\u0100';
        for (var value = 0; value < symbols.Length; value++)
        {
            symbols[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)value : next++;
        }

        return symbols;
    }
}
