using Sisa.Corpora;
using Sisa.Readers.Formats;

namespace Sisa.Extending.Tests.Toy;

/// <summary>Rows of <c>key=value</c> pairs with semicolons between: a format of somebody else.</summary>
public sealed class ToySource(RowContent content) : IRowSource
{
    private readonly StreamReader _lines = new(content.Stream);
    private long _number;

    public static RowFormat Format { get; } = new()
    {
        Format = CorpusFormat.Named("toy-pairs"),
        Endings = [".pairs"],
        Open = content => new ToySource(content),
    };

    public bool Next(FieldRow row)
    {
        if (_lines.ReadLine() is not { } line)
        {
            return false;
        }

        row.Clear(++_number, _number);
        foreach (var pair in line.Split(';'))
        {
            var parts = pair.Split('=');
            if (parts.Length != 2)
            {
                row.Fault = new RowFault("A pair has no '=' in it.", "Correct the row.");
                return true;
            }

            for (var slot = 0; slot < content.Map.Names.Count; slot++)
            {
                if (content.Map.Names[slot] == parts[0])
                {
                    row.Set(slot, FieldKind.Text, parts[1]);
                }
            }
        }

        return true;
    }

    public void Dispose() => _lines.Dispose();
}
