using Sisa.Readers.Losses;

namespace Sisa.Engine.Ingesting;

/// <summary>Counts rows and lines while files are read.</summary>
/// <param name="options">What is left out, and what is taken back.</param>
internal sealed class IngestTally(IngestOptions options)
{
    public UsedList Except { get; } = new(options.Except);

    public UsedList Readmit { get; } = new(options.Readmit);

    public long Read { get; set; }

    public long Excepted { get; set; }

    public long ExceptedLines { get; set; }

    public long FilteredLines { get; set; }

    public long ReadLines { get; set; }

    public long SpooledLines { get; set; }

    public LossTally Losses { get; } = new();
}
