using ScottPlot;
using ScottPlot.TickGenerators;
using Sisa.Measurements;

namespace Sisa.Benchmarks.Figures;

/// <summary>One pair of axes of a figure.</summary>
/// <remarks>Logarithmic axes hold logarithms to the base of ten; the ticks say the numbers themselves. Not thread-safe.</remarks>
public sealed class Panel
{
    private const float TextSize = 20;
    private const float MarkerSize = 11;
    private const float LineWidth = 2.5f;
    private const byte BandOpacity = 45;

    private readonly Axis _x;
    private readonly Axis _y;

    /// <summary>Makes empty axes.</summary>
    /// <param name="title">Title of the panel.</param>
    /// <param name="x">The horizontal axis.</param>
    /// <param name="y">The vertical axis.</param>
    public Panel(string title, Axis x, Axis y)
    {
        _ = FigureFont.Typeface;
        (_x, _y) = (x, y);
        Plot = new Plot();

        // The figure around it is drawn already.
        Plot.RenderManager.ClearCanvasBeforeEachRender = false;
        Plot.Title(title, TextSize);
        Plot.Axes.Title.Label.Bold = false;
        Plot.Axes.Bottom.Label.Text = x.Label;
        Plot.Axes.Left.Label.Text = y.Label;
        foreach (var label in new[] { Plot.Axes.Bottom.Label, Plot.Axes.Left.Label })
        {
            label.FontSize = TextSize;
            label.Bold = false;
        }

        Plot.Axes.Bottom.TickLabelStyle.FontSize = TextSize - 3;
        Plot.Axes.Left.TickLabelStyle.FontSize = TextSize - 3;
        Plot.Grid.MajorLineColor = Color.FromHex("#D8D8D8");
        Plot.Layout.Fixed(new PixelPadding(left: 92, right: 18, bottom: 66, top: 42));
    }

    /// <summary>The plot behind the panel.</summary>
    internal Plot Plot { get; }

    /// <summary>Draws a curve, with a band where its points have intervals.</summary>
    /// <param name="series">How it looks.</param>
    /// <param name="points">Its points.</param>
    public void Curve(FigureSeries series, IReadOnlyList<(double X, Estimate Y)> points)
    {
        ArgumentNullException.ThrowIfNull(series);
        if (points.Count == 0)
        {
            return;
        }

        double[] xs = [.. points.Select(p => _x.At(p.X))];
        double[] ys = [.. points.Select(p => _y.At(p.Y.Value))];
        if (points.All(p => p.Y.HasInterval))
        {
            var band = Plot.Add.FillY(xs, [.. points.Select(p => _y.At(p.Y.Low!.Value))], [.. points.Select(p => _y.At(p.Y.High!.Value))]);
            band.FillColor = Color.FromHex(series.Color).WithAlpha(BandOpacity);
            band.LineWidth = 0;
        }

        var curve = Plot.Add.Scatter(xs, ys, Color.FromHex(series.Color));
        curve.LineWidth = series.HasLine ? LineWidth * series.Weight : 0;
        Mark(curve.MarkerStyle, series);
    }

    /// <summary>Draws one point.</summary>
    /// <param name="series">How it looks.</param>
    /// <param name="x">Horizontal place.</param>
    /// <param name="y">Vertical place; its interval is drawn as a line.</param>
    /// <param name="scale">Size against that of other points.</param>
    public void Point(FigureSeries series, double x, Estimate y, float scale = 1)
    {
        ArgumentNullException.ThrowIfNull(series);
        ArgumentNullException.ThrowIfNull(y);
        if (y.HasInterval)
        {
            var whisker = Plot.Add.Line(_x.At(x), _y.At(y.Low!.Value), _x.At(x), _y.At(y.High!.Value));
            whisker.LineColor = Color.FromHex(series.Color);
            whisker.LineWidth = 1.5f;
        }

        var marker = Plot.Add.Marker(_x.At(x), _y.At(y.Value));
        Mark(marker.MarkerStyle, series);
        marker.MarkerStyle.Size *= scale;
    }

    /// <summary>Draws a straight line.</summary>
    /// <param name="series">How it looks.</param>
    /// <param name="from">One end.</param>
    /// <param name="to">The other.</param>
    public void Line(FigureSeries series, (double X, double Y) from, (double X, double Y) to)
    {
        ArgumentNullException.ThrowIfNull(series);
        var line = Plot.Add.Line(_x.At(from.X), _y.At(from.Y), _x.At(to.X), _y.At(to.Y));
        line.LineColor = Color.FromHex(series.Color);
        line.LineWidth = LineWidth * series.Weight;
    }

    /// <summary>Sets the limits of the axes, and their ticks.</summary>
    public void Finish()
    {
        Plot.Axes.SetLimits(_x.At(_x.From), _x.At(_x.To), _y.At(_y.From), _y.At(_y.To));
        Plot.Axes.Bottom.TickGenerator = Ticks(_x);
        Plot.Axes.Left.TickGenerator = Ticks(_y);
    }

    private static NumericManual Ticks(Axis axis)
    {
        var ticks = new NumericManual();
        foreach (var tick in axis.Ticks)
        {
            ticks.AddMajor(axis.At(tick), axis.Text(tick));
        }

        return ticks;
    }

    private static void Mark(MarkerStyle style, FigureSeries series)
    {
        style.Shape = series.Shape;
        style.Size = MarkerSize;
        style.FillColor = Color.FromHex(series.Color);
        style.LineColor = Color.FromHex(series.Color);
        style.LineWidth = 2;
    }
}
