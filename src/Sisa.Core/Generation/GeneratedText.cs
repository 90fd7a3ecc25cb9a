using System.Text;

namespace Sisa.Generation;

/// <summary>Puts the bytes of tokens together to a text as they come: whole code points, up to the first of the texts that end it.</summary>
/// <remarks>Bytes that are not UTF-8 become U+FFFD. A possible beginning of a stop text is held back until it is decided. Not thread-safe.</remarks>
public sealed class GeneratedText
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _text = new();
    private readonly IReadOnlyList<string> _stops;
    private string _held = string.Empty;

    /// <summary>Starts a text.</summary>
    /// <param name="stops">Texts that end it and are no part of it; compared code unit by code unit; none may be empty.</param>
    public GeneratedText(params IReadOnlyList<string> stops)
    {
        ArgumentNullException.ThrowIfNull(stops);
        if (stops.Contains(string.Empty))
        {
            throw new ArgumentException("An empty text would end every text at once.", nameof(stops));
        }

        _stops = stops;
    }

    /// <summary>Whether a text that ends it has come; nothing is added from then on.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Everything that was handed out so far.</summary>
    public string Text => _text.ToString();

    /// <summary>Adds bytes.</summary>
    /// <param name="utf8">Part of a text; a code point may come in several parts.</param>
    /// <returns>The part that certainly belongs to the text.</returns>
    public string Append(ReadOnlySpan<byte> utf8) => Take(Decode(utf8, isLast: false), isLast: false);

    /// <summary>Ends the text.</summary>
    /// <returns>The part that was held back.</returns>
    public string Finish() => Take(Decode([], isLast: true), isLast: true);

    private string Decode(ReadOnlySpan<byte> utf8, bool isLast)
    {
        var characters = new char[Encoding.UTF8.GetMaxCharCount(utf8.Length)];
        return new string(characters, 0, _decoder.GetChars(utf8, characters, isLast));
    }

    private string Take(string added, bool isLast)
    {
        if (IsStopped)
        {
            return string.Empty;
        }

        // Whatever a stop could begin with is held, so one that ends in what was added begins in it or in what was held.
        var open = _held + added;
        var end = _stops.Select(stop => open.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        IsStopped = end >= 0;
        var shown = IsStopped ? open[..end] : open[..^(isLast ? 0 : LengthToHold(open))];
        _held = IsStopped ? string.Empty : open[shown.Length..];
        _text.Append(shown);
        return shown;
    }

    // The longest end of the text that is the beginning of a stop.
    private int LengthToHold(string open)
    {
        var longest = 0;
        foreach (var stop in _stops)
        {
            for (var length = Math.Min(stop.Length - 1, open.Length); length > longest; length--)
            {
                if (open.AsSpan(open.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                {
                    longest = length;
                }
            }
        }

        return longest;
    }
}
