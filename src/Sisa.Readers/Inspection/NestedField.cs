using System.Text.Json;

namespace Sisa.Readers.Inspection;

/// <summary>A field of JSON rows that holds objects or lists, and the line of jq that turns it into plain fields.</summary>
/// <param name="name">Name of the field.</param>
internal sealed class NestedField(string name)
{
    private static readonly string[] _speakers = ["role", "from", "speaker", "author", "user", "sender"];
    private static readonly string[] _sayings = ["content", "value", "text", "message", "utterance"];

    private string? _speaker;
    private string? _saying;
    private bool _hasParts;
    private bool _isMixed;
    private JsonValueKind _elements;
    private bool _isObject;

    /// <summary>Name of the field.</summary>
    public string Name { get; } = name;

    /// <summary>Whether the field holds the turns of a conversation.</summary>
    public bool IsChat => _saying is not null && !_isObject;

    /// <summary>The content of the field, in words.</summary>
    public string Description => this switch
    {
        { IsChat: true } => "it holds the turns of conversations",
        { _isObject: true } => "it holds objects",
        _ => "it holds lists",
    };

    /// <summary>Adds the value of a row.</summary>
    /// <param name="value">An object or an array.</param>
    public void Add(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            _isObject = true;
            return;
        }

        foreach (var element in value.EnumerateArray())
        {
            _isMixed |= _elements is not JsonValueKind.Undefined && _elements != element.ValueKind;
            _elements = element.ValueKind;
            if (element.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            _speaker ??= _speakers.FirstOrDefault(key => element.TryGetProperty(key, out _));
            _saying ??= _sayings.FirstOrDefault(key => key != _speaker && element.TryGetProperty(key, out _));
            _hasParts |= _saying is not null && element.TryGetProperty(_saying, out var said) && said.ValueKind == JsonValueKind.Array;
        }
    }

    /// <summary>A command that makes a plain field of this one.</summary>
    /// <param name="isGzip">Whether the file is gzip.</param>
    /// <param name="names">Names of the row's fields.</param>
    /// <returns>The command, or <see langword="null"/> if there is no general one.</returns>
    public string? Command(bool isGzip, IReadOnlyCollection<string> names)
    {
        var field = JqPath(Name);
        if (IsChat)
        {
            var target = JqPath(names.Contains("text") ? Name + "_text" : "text");
            var saying = _hasParts ? $"({JqPath(_saying!)} | if type == \"array\" then map(.text? // empty) | join(\"\") else . // \"\" end)" : $"{JqPath(_saying!)} // \"\"";
            var turn = _speaker is null ? $"\\({saying})" : $"\\({JqPath(_speaker)}): \\({saying})";
            return Jq($"{target} = ([{field}[]? | \"{turn}\"] | join(\"\\n\")) | del({field})", isGzip);
        }

        if (_isObject)
        {
            return Jq($". + (({field} // {{}}) | with_entries(.key |= {JsonSerializer.Serialize(Name + "_")} + .)) | del({field})", isGzip);
        }

        return _elements == JsonValueKind.String && !_isMixed ? Jq($"{field} |= ((. // []) | join(\" \"))", isGzip) : null;
    }

    /// <summary>A call of jq for the shell.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="isGzip">Whether the file is gzip.</param>
    public static string Jq(string filter, bool isGzip)
    {
        var quoted = "'" + filter.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
        return isGzip ? $"gzip -dc FILE | jq -c {quoted} > ROWS.jsonl" : $"jq -c {quoted} FILE > ROWS.jsonl";
    }

    /// <summary>The path of a key in jq.</summary>
    /// <param name="key">The key.</param>
    public static string JqPath(string key) =>
        key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && !char.IsAsciiDigit(key[0]) ? "." + key : $".[{JsonSerializer.Serialize(key)}]";
}
