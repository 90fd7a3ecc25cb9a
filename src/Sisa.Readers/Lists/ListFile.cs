using System.Text;

namespace Sisa.Readers.Lists;

/// <summary>The text of a list.</summary>
internal static class ListFile
{
    /// <summary>Reads a list: UTF-8, or UTF-16 with a byte order mark, as spreadsheets write it.</summary>
    /// <param name="path">Path of the file.</param>
    /// <returns>The text, with line feeds at the ends of its lines.</returns>
    /// <exception cref="CorpusException">It cannot be read, or is no text.</exception>
    public static string Read(string path)
    {
        var bytes = ReadBytes(path);
        try
        {
            var text = bytes.AsSpan() switch
            {
                [0xFF, 0xFE, .. var little] => new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true).GetString(little),
                [0xFE, 0xFF, .. var big] => new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true).GetString(big),
                [0xEF, 0xBB, 0xBF, .. var rest] => Utf8().GetString(rest),
                var all => Utf8().GetString(all),
            };
            return text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        }
        catch (DecoderFallbackException e)
        {
            var line = 1 + bytes.AsSpan(0, Math.Clamp(e.Index, 0, bytes.Length)).Count((byte)'\n');
            throw new CorpusException("The list is not valid UTF-8.", "Convert it first, for instance with 'iconv -f WINDOWS-1252 -t UTF-8'.", path, line, e);
        }
    }

    private static UTF8Encoding Utf8() => new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static byte[] ReadBytes(string path)
    {
        if (Directory.Exists(path))
        {
            throw new CorpusException("This is a directory, expected the file of a list.", "Name a file.", path);
        }

        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CorpusException("There is no such file.", "Check the path. It is relative to the working directory.", path, null, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CorpusException("The permission to read the list is missing.", "Check who owns the file and what its mode is.", path, null, e);
        }
        catch (IOException e)
        {
            throw new CorpusException($"The list cannot be read: {PlainReason.Of(e)}.", "Check the path, and that the file is below 2 GB.", path, null, e);
        }
    }
}
