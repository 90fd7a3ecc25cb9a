using System.Text;
using ScottPlot;
using SkiaSharp;

namespace Sisa.Benchmarks.Figures;

/// <summary>A figure: a title, a legend of its own that no curve runs through, panels, and a caption that names the machine.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class Figure
{
    private const int Width = 1500;
    private const int PanelHeight = 520;
    private const float Margin = 24;
    private const float TitleSize = 27;
    private const float LegendSize = 20;
    private const float CaptionSize = 16;
    private const float LegendLine = 32;
    private const float CaptionLine = 23;
    private const float SymbolWidth = 42;

    /// <summary>Name of its files, without an extension.</summary>
    public required string Name { get; init; }

    /// <summary>The content of the figure.</summary>
    public required string Title { get; init; }

    /// <summary>The meaning of its curves.</summary>
    public required IReadOnlyList<FigureSeries> Legend { get; init; }

    /// <summary>Its panels, row by row.</summary>
    public required IReadOnlyList<Panel> Panels { get; init; }

    /// <summary>Panels side by side.</summary>
    public required int Columns { get; init; }

    /// <summary>How it was made, the machine and the versions.</summary>
    public required string Caption { get; init; }

    /// <summary>The figure as PNG.</summary>
    public byte[] Png()
    {
        var layout = LayOut();
        using var surface = SKSurface.Create(new SKImageInfo(Width, layout.Height));
        Draw(surface.Canvas, layout);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    /// <summary>The figure as SVG, its words as text.</summary>
    public byte[] Svg()
    {
        var layout = LayOut();
        using var stream = new MemoryStream();
        using (var canvas = SKSvgCanvas.Create(SKRect.Create(Width, layout.Height), stream))
        {
            Draw(canvas, layout);
        }

        // Whoever has not this font has one of its metrics, or any.
        return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(stream.ToArray()).Replace($"\"{FigureFont.Name}\"", $"\"{FigureFont.Name}, Verdana, sans-serif\"", StringComparison.Ordinal));
    }

    private LaidOut LayOut()
    {
        using var legendFont = new SKFont(FigureFont.Typeface, LegendSize);
        using var captionFont = new SKFont(FigureFont.Typeface, CaptionSize);
        var legend = new List<(FigureSeries Series, float X, int Line)>();
        var (x, line) = (Margin, 0);
        foreach (var series in Legend)
        {
            var width = SymbolWidth + 10 + legendFont.MeasureText(series.Label) + 34;
            if (x + width > Width - Margin && x > Margin)
            {
                (x, line) = (Margin, line + 1);
            }

            legend.Add((series, x, line));
            x += width;
        }

        var caption = Wrap(Caption, captionFont, Width - (2 * Margin));
        var top = Margin + TitleSize + 14 + (LegendLine * (line + 1)) + 8;
        var rows = (Panels.Count + Columns - 1) / Columns;
        return new LaidOut(legend, caption, top, (int)(top + (rows * PanelHeight) + 12 + (caption.Count * CaptionLine) + Margin));
    }

    private void Draw(SKCanvas canvas, LaidOut layout)
    {
        using var ink = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        using var faint = new SKPaint { Color = new SKColor(0x55, 0x55, 0x55), IsAntialias = true };
        using var titleFont = new SKFont(FigureFont.Typeface, TitleSize);
        using var legendFont = new SKFont(FigureFont.Typeface, LegendSize);
        using var captionFont = new SKFont(FigureFont.Typeface, CaptionSize);
        canvas.Clear(SKColors.White);
        canvas.DrawText(Title, Margin, Margin + TitleSize - 4, SKTextAlign.Left, titleFont, ink);
        foreach (var (series, x, line) in layout.Legend)
        {
            var y = Margin + TitleSize + 14 + (LegendLine * line) + (LegendLine / 2);
            Symbol(canvas, series, x, y);
            canvas.DrawText(series.Label, x + SymbolWidth + 10, y + (LegendSize * 0.36f), SKTextAlign.Left, legendFont, ink);
        }

        var width = (Width - (2 * Margin)) / Columns;
        for (var i = 0; i < Panels.Count; i++)
        {
            var (left, top) = (Margin + (i % Columns * width), layout.PanelsTop + (i / Columns * PanelHeight));
            Panels[i].Finish();
            Panels[i].Plot.Render(canvas, new PixelRect(left, left + width, top + PanelHeight, top));
        }

        for (var i = 0; i < layout.Caption.Count; i++)
        {
            canvas.DrawText(layout.Caption[i], Margin, layout.Height - Margin - ((layout.Caption.Count - 1 - i) * CaptionLine), SKTextAlign.Left, captionFont, faint);
        }
    }

    private static void Symbol(SKCanvas canvas, FigureSeries series, float x, float y)
    {
        using var paint = new SKPaint { Color = SKColor.Parse(series.Color), StrokeWidth = 3 * series.Weight, IsAntialias = true, Style = SKPaintStyle.Stroke };
        if (series.HasLine)
        {
            canvas.DrawLine(x, y, x + SymbolWidth, y, paint);
        }

        var marker = new MarkerStyle(series.Shape, 13, Color.FromHex(series.Color)) { LineWidth = 2, LineColor = Color.FromHex(series.Color) };
        using var markerPaint = Paint.NewDisposablePaint();
        marker.Render(canvas, new Pixel(x + (SymbolWidth / 2), y), markerPaint);
    }

    private static List<string> Wrap(string text, SKFont font, float width)
    {
        var lines = new List<string>();
        foreach (var word in text.Split(' '))
        {
            if (lines.Count > 0 && font.MeasureText($"{lines[^1]} {word}") <= width)
            {
                lines[^1] += $" {word}";
            }
            else
            {
                lines.Add(word);
            }
        }

        return lines;
    }

    private sealed record LaidOut(IReadOnlyList<(FigureSeries Series, float X, int Line)> Legend, IReadOnlyList<string> Caption, float PanelsTop, int Height);
}
