using ScottPlot;
using SkiaSharp;

namespace Sisa.Benchmarks.Figures;

/// <summary>The font of every figure: DejaVu Sans, carried by the program.</summary>
/// <remarks>Where a machine has no font, the library draws labels without a letter and says nothing. So no font of the machine is ever asked for, and figures are the same everywhere. Thread-safe.</remarks>
public sealed class FigureFont : IFontResolver
{
    /// <summary>Name of the font, in SVG too.</summary>
    public const string Name = "DejaVu Sans";

    private static readonly Lazy<SKTypeface> Loaded = new(Load);

    private FigureFont()
    {
    }

    /// <summary>The typeface; lives as long as the process.</summary>
    public static SKTypeface Typeface => Loaded.Value;

    /// <inheritdoc/>
    public SKTypeface CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) => Typeface;

    /// <inheritdoc/>
    public SKTypeface CreateTypeface(string fontName, bool bold, bool italic) => Typeface;

    private static SKTypeface Load()
    {
        using var stream = typeof(FigureFont).Assembly.GetManifestResourceStream("DejaVuSans.ttf") ?? throw new InvalidOperationException("The assembly lacks its font.");
        using var data = SKData.Create(stream);
        var typeface = SKTypeface.FromData(data) ?? throw new InvalidOperationException("The font of the assembly cannot be read.");
        Fonts.FontResolvers.Insert(0, new FigureFont());
        Fonts.Default = Name;
        return typeface;
    }
}
