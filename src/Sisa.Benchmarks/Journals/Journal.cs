using System.Text;
using System.Text.Json;
using Sisa.Storage.Files;
using Sisa.Training;

namespace Sisa.Benchmarks.Journals;

/// <summary>The finished steps of a study, one JSON object a line. The same study continues after the last line.</summary>
/// <remarks>
/// Each line is flushed to the device before the next step begins. A crash leaves at worst half a line, which the next opening cuts off; the step that it belonged to is done again. Not thread-safe, and for
/// one process at a time: the file is held while it is open.
/// </remarks>
public sealed class Journal : IDisposable
{
    private const string SettingsKey = "settings";

    private readonly FileStream _file;
    private readonly Dictionary<string, JsonElement> _entries = new(StringComparer.Ordinal);

    private Journal(FileStream file) => _file = file;

    /// <summary>Opens a journal, or begins one.</summary>
    /// <param name="path">Path of the file; its folder exists.</param>
    /// <param name="settings">Settings of the study. A journal with other settings is refused.</param>
    /// <exception cref="StoreException">The journal belongs to a study with other settings, or cannot be read.</exception>
    /// <exception cref="StoreBusyException">Another process has it open.</exception>
    /// <exception cref="StorageIoException">Reading or writing failed.</exception>
    public static Journal Open<T>(string path, T settings)
    {
        var journal = new Journal(OpenFile(path));
        try
        {
            journal.ReadLines(path);
            var wanted = JsonSerializer.SerializeToElement(settings, RecipeJson.Options);
            if (!journal._entries.TryGetValue(SettingsKey, out var found))
            {
                journal.Append(SettingsKey, wanted);
            }
            else if (!JsonElement.DeepEquals(found, wanted))
            {
                throw new StoreException(
                    $"{path} belongs to a study with other settings: {Difference(found, wanted)}.",
                    $"Repeat the original command to continue, or name another folder with {Step.StudyFolder}.");
            }

            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Whether a step is finished.</summary>
    /// <param name="key">Name of the step.</param>
    public bool Holds(string key) => _entries.ContainsKey(key);

    /// <summary>The result of a finished step.</summary>
    /// <param name="key">Name of the step.</param>
    /// <exception cref="StoreException">The line is not what this version writes.</exception>
    public T Read<T>(string key)
    {
        try
        {
            return _entries[key].Deserialize<T>(RecipeJson.Options) ?? throw new MalformedJsonException("it is 'null'");
        }
        catch (JsonException e)
        {
            throw new StoreException($"The line '{key}' of {_file.Name} cannot be read: {PlainReason.Of(e)}.", $"Name another folder with {Step.StudyFolder}.", e);
        }
    }

    /// <summary>Records a finished step; durable when this returns.</summary>
    /// <param name="key">Name of the step.</param>
    /// <param name="value">Its result.</param>
    /// <exception cref="StorageIoException">Writing failed.</exception>
    public void Append<T>(string key, T value)
    {
        var element = JsonSerializer.SerializeToElement(value, RecipeJson.Options);
        try
        {
            _file.Seek(0, SeekOrigin.End);
            _file.Write(JsonSerializer.SerializeToUtf8Bytes(new Line(key, element), RecipeJson.Options));
            _file.WriteByte((byte)'\n');
            _file.Flush();
            DurableFile.Flush(_file.SafeFileHandle, _file.Name);
        }
        catch (IOException e)
        {
            throw DurableFile.Failed("write", _file.Name, e);
        }

        _entries[key] = element;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static FileStream OpenFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw DurableFile.Failed("open", path, e);
        }
        catch (IOException e)
        {
            throw new StoreBusyException($"{path} cannot be opened: {PlainReason.Of(e)}.", "Another process seems to run this study. Wait for it.");
        }
    }

    private void ReadLines(string path)
    {
        using var reader = new StreamReader(_file, Encoding.UTF8, leaveOpen: true);
        var text = reader.ReadToEnd();
        var whole = text.LastIndexOf('\n') + 1;
        _file.SetLength(Encoding.UTF8.GetByteCount(text.AsSpan(0, whole)));
        var number = 0;
        foreach (var row in text[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            number++;
            try
            {
                var line = JsonSerializer.Deserialize<Line>(row, RecipeJson.Options) ?? throw new MalformedJsonException("it is 'null'");
                _entries[line.Key] = line.Value.Clone();
            }
            catch (JsonException e)
            {
                throw new StoreException($"Line {number} of {path} cannot be read: {PlainReason.Of(e)}.", $"Name another folder with {Step.StudyFolder}.", e);
            }
        }
    }

    // Names the members that differ, at any depth.
    private static string Difference(JsonElement found, JsonElement wanted, string name = "")
    {
        if (found.ValueKind != JsonValueKind.Object || wanted.ValueKind != JsonValueKind.Object)
        {
            return $"{name} was {found.GetRawText()}, now {wanted.GetRawText()}";
        }

        var names = wanted.EnumerateObject().Concat(found.EnumerateObject()).Select(member => member.Name).Distinct();
        return string.Join("; ", names.Select(member => (Name: member, Old: Member(found, member), New: Member(wanted, member))).Where(m => !JsonElement.DeepEquals(m.Old, m.New)).Select(m => Difference(m.Old, m.New, m.Name)));
    }

    private static JsonElement Member(JsonElement element, string name) => element.TryGetProperty(name, out var member) ? member : JsonSerializer.SerializeToElement<object?>(null);

    private sealed record Line(string Key, JsonElement Value);
}
