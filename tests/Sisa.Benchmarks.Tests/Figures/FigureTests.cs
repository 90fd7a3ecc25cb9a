using System.Text;
using Sisa.Benchmarks.Figures;
using SkiaSharp;

namespace Sisa.Benchmarks.Tests.Figures;

public sealed class FigureTests
{
    private static readonly Figure[] Drawn = [.. CostFigures.Of(Samples.Result())];

    [Fact]
    public void There_are_four_figures_with_the_machine_in_their_captions()
    {
        Assert.Equal(["speed-up", "price-of-speed", "skewed-requests", "seconds"], Drawn.Select(f => f.Name));
        Assert.All(Drawn, figure => Assert.Contains("a machine, 2 cores; a system; .NET 10", figure.Caption, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_letter_has_a_shape_in_the_font_that_the_program_carries()
    {
        using var font = new SKFont(FigureFont.Typeface, 20);
        Assert.Equal(FigureFont.Name, FigureFont.Typeface.FamilyName);
        Assert.All(Drawn.SelectMany(f => new[] { f.Title, f.Caption }.Concat(f.Legend.Select(s => s.Label))), text => Assert.DoesNotContain((ushort)0, font.GetGlyphs(text)));

        // A font that draws nothing has shapes without points.
        Assert.All("SR0123456789×%µ", letter => Assert.NotEmpty(font.GetTextPath($"{letter}").Points));
    }

    [Fact]
    public void Words_are_really_in_the_picture()
    {
        var figure = Drawn[0];
        using var picture = SKBitmap.Decode(figure.Png());

        // The title, the legend, the words of an axis, and the caption.
        Assert.All(
            new[] { SKRectI.Create(24, 20, 600, 32), SKRectI.Create(70, 66, 60, 28), SKRectI.Create(300, 585, 250, 30), SKRectI.Create(24, picture.Height - 60, 600, 40) },
            area => Assert.True(InkIn(picture, area) > 100, $"Only {InkIn(picture, area)} dark pixels in {area}."));
    }

    [Fact]
    public void No_panel_wipes_another_out()
    {
        foreach (var figure in Drawn)
        {
            using var picture = SKBitmap.Decode(figure.Png());
            var width = picture.Width / figure.Columns;
            for (var column = 0; column < figure.Columns; column++)
            {
                Assert.True(InkIn(picture, SKRectI.Create(column * width, 150, width, 300)) > 500, $"{figure.Name} has nothing in column {column}.");
            }
        }
    }

    [Fact]
    public void Svg_holds_the_words_as_text_and_no_path_that_it_cannot_draw()
    {
        foreach (var figure in Drawn)
        {
            var svg = Encoding.UTF8.GetString(figure.Svg());
            Assert.StartsWith("<?xml", svg, StringComparison.Ordinal);
            Assert.Contains(figure.Title, svg, StringComparison.Ordinal);
            Assert.All(figure.Legend, series => Assert.Contains(series.Label, svg, StringComparison.Ordinal));
            Assert.Contains("machine,", svg, StringComparison.Ordinal);
            Assert.Contains($"font-family=\"{FigureFont.Name}, Verdana, sans-serif\"", svg, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Series_differ_in_colour_and_in_shape()
    {
        var series = Enumerable.Range(0, 6).Select(i => FigureSeries.Of(i, "s")).ToArray();
        Assert.Equal(6, series.Select(s => s.Color).Distinct().Count());
        Assert.Equal(6, series.Select(s => s.Marker).Distinct().Count());
    }

    [Fact]
    public void Ticks_are_round_numbers_within_the_axis()
    {
        var logarithmic = Axis.Logarithmic("x", [0.8, 40]);
        Assert.Equal([1, 2, 5, 10, 20, 50], logarithmic.Ticks.Select(t => Math.Round(t, 6)));
        var linear = Axis.Linear("y", [61, 78]);
        Assert.All(linear.Ticks, tick => Assert.InRange(tick, linear.From, linear.To));
        Assert.InRange(linear.Ticks.Count, 3, 8);
        Assert.Equal([1, 4, 8, 16, 64, 256], Axis.OfRequests("k", [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]).Ticks);
    }

    private static int InkIn(SKBitmap picture, SKRectI area)
    {
        var ink = 0;
        for (var x = area.Left; x < area.Right; x++)
        {
            for (var y = area.Top; y < area.Bottom; y++)
            {
                ink += picture.GetPixel(x, y).Red < 128 ? 1 : 0;
            }
        }

        return ink;
    }
}
