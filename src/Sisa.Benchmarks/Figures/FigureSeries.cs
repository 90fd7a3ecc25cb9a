using ScottPlot;

namespace Sisa.Benchmarks.Figures;

/// <summary>How one curve, or one kind of point, looks; and its words in the legend.</summary>
/// <param name="Label">Words in the legend.</param>
/// <param name="Color">Colour, as <c>#0072B2</c>.</param>
/// <param name="Marker">Shape of its points.</param>
/// <param name="IsFaint">Whether its line is thin and its points are open. Lines are never dashed: SVG loses that.</param>
/// <param name="HasLine">Whether it has a line.</param>
public sealed record FigureSeries(string Label, string Color, MarkerShape Marker, bool IsFaint = false, bool HasLine = true)
{
    // Okabe and Ito (2008), Color Universal Design: distinguishable by people with all common kinds of colour vision.
    private static readonly string[] Colors = ["#000000", "#E69F00", "#56B4E9", "#009E73", "#D55E00", "#0072B2", "#CC79A7"];

    private static readonly MarkerShape[] Shapes =
    [
        MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleDown, MarkerShape.OpenCircle, MarkerShape.OpenSquare,
    ];

    /// <summary>Width of its line against that of others.</summary>
    public float Weight => IsFaint ? 0.6f : 1;

    /// <summary>Shape of its points as they are drawn.</summary>
    public MarkerShape Shape => !IsFaint ? Marker : Marker switch
    {
        MarkerShape.FilledCircle => MarkerShape.OpenCircle,
        MarkerShape.FilledSquare => MarkerShape.OpenSquare,
        MarkerShape.FilledTriangleUp => MarkerShape.OpenTriangleUp,
        MarkerShape.FilledTriangleDown => MarkerShape.OpenTriangleDown,
        MarkerShape.FilledDiamond => MarkerShape.OpenDiamond,
        _ => Marker,
    };

    /// <summary>The look of the n-th series: another colour and another shape each, so that print without colour can be read.</summary>
    /// <param name="number">From 0.</param>
    /// <param name="label">Words in the legend.</param>
    public static FigureSeries Of(int number, string label) => new(label, Colors[number % Colors.Length], Shapes[number % Shapes.Length]);

    /// <summary>The shape of the n-th kind of point.</summary>
    /// <param name="number">From 0.</param>
    public static MarkerShape ShapeOf(int number) => Shapes[number % Shapes.Length];
}
