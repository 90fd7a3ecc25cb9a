using System.Text.Json;

namespace Sisa.Campaigns;

/// <summary>How far a campaign has come, over all its runs: a committed file, so that counts accumulate.</summary>
public sealed record Progress
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Number of the next case.</summary>
    public int Next { get; init; }

    /// <summary>Seconds of work so far.</summary>
    public double Seconds { get; init; }

    /// <summary>What the cases counted.</summary>
    public SortedDictionary<string, long> Counts { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Faults, by the number of the case; taken off when the case has passed again.</summary>
    public SortedDictionary<int, string> Faults { get; init; } = [];

    /// <summary>Day of the last run, UTC.</summary>
    public DateOnly Day { get; init; }

    /// <summary>Reads progress; nothing yet where there is no file.</summary>
    public static Progress Read(string path) =>
        File.Exists(path) ? JsonSerializer.Deserialize<Progress>(File.ReadAllBytes(path), Indented)! : new Progress();

    /// <summary>Writes it, whole or not at all.</summary>
    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path + ".tmp", JsonSerializer.Serialize(this, Indented) + "\n");
        File.Move(path + ".tmp", path, overwrite: true);
    }

    /// <summary>With a case more.</summary>
    public Progress With(int number, CampaignCase done, string? fault, double seconds)
    {
        var counts = new SortedDictionary<string, long>(Counts, StringComparer.Ordinal);
        foreach (var (what, times) in done.Counts)
        {
            counts[what] = counts.GetValueOrDefault(what) + times;
        }

        var faults = new SortedDictionary<int, string>(Faults);
        faults.Remove(number);
        if (fault is not null)
        {
            faults.Add(number, fault);
        }

        return this with { Next = Math.Max(Next, number + 1), Seconds = Seconds + seconds, Counts = counts, Faults = faults, Day = DateOnly.FromDateTime(DateTime.UtcNow) };
    }
}
