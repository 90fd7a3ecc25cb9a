using System.Text;
using Sisa.Storage.Slices;

namespace Sisa.Storage.Tests.Slices;

/// <summary>A record as tests write it down.</summary>
internal sealed record MemoryRecord(string Id, string Subject, string Text, int Label = 0, int RiskClass = -1)
{
    public byte[] Features { get; init; } = Encoding.UTF8.GetBytes(Text + "!");
}

/// <summary>Records in memory.</summary>
internal sealed class MemoryRecords(params IReadOnlyList<MemoryRecord> records) : IRecordSet
{
    public int Count => records.Count;

    public SliceRecord this[int index] => new()
    {
        Id = Encoding.UTF8.GetBytes(records[index].Id),
        Subject = Encoding.UTF8.GetBytes(records[index].Subject),
        Label = records[index].Label,
        RiskClass = records[index].RiskClass,
        Features = records[index].Features,
        Text = Encoding.UTF8.GetBytes(records[index].Text),
    };

    /// <summary>A builder that holds all of them.</summary>
    public SliceBuilder ToBuilder()
    {
        var builder = new SliceBuilder();
        for (var i = 0; i < Count; i++)
        {
            builder.Add(this, i);
        }

        return builder;
    }
}
