using System.Text;
using Sisa.Corpora;
using Sisa.Forgetting;
using Sisa.Readers.Features;
using Sisa.Storage.Slices;
using Sisa.Training;

namespace Sisa.Engine.Ingesting;

/// <summary>Cuts spans out of texts and encodes what is left, as if the span had never been there.</summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="recipe">The recipe; declares a text feature.</param>
internal sealed class TextCutter(Recipe recipe)
{
    private static readonly CutRanges Nothing = new([]);

    private readonly ItemEncoder _encoder = new(recipe);

    /// <summary>Cuts ranges out of an item that was read from a source file.</summary>
    public void Cut(Item item, CutRanges cuts)
    {
        var text = Encoding.UTF8.GetBytes(Nothing.Apply(Encoding.UTF8.GetString(item.Text.Span), cuts));
        item.Text = text;
        item.Features = _encoder.EncodeText(text).ToArray();
    }

    /// <summary>Cuts further ranges out of a record of a slice.</summary>
    /// <param name="record">The record, from which <paramref name="before"/> is cut already.</param>
    /// <param name="before">Ranges that are cut already.</param>
    /// <param name="after">All ranges that shall be cut.</param>
    public IRecordSet Cut(SliceRecord record, CutRanges before, CutRanges after)
    {
        var text = Encoding.UTF8.GetBytes(before.Apply(Encoding.UTF8.GetString(record.Text), after));
        return new OneRecord(record.Id.ToArray(), record.Subject.ToArray(), record.Label, record.RiskClass, _encoder.EncodeText(text).ToArray(), text);
    }

    private sealed class OneRecord(byte[] id, byte[] subject, int label, int riskClass, byte[] features, byte[] text) : IRecordSet
    {
        public int Count => 1;

        public SliceRecord this[int index] => new() { Id = id, Subject = subject, Label = label, RiskClass = riskClass, Features = features, Text = text };
    }
}
