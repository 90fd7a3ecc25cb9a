namespace Sisa.Measurements;

/// <summary>Figures of a classifier over labelled items.</summary>
/// <param name="Items">Number of items.</param>
/// <param name="Accuracy">Share of items whose chosen label is right.</param>
/// <param name="MacroF1">Mean over labels of the harmonic mean of precision and recall; a label that neither occurs nor is chosen is left out.</param>
/// <param name="LogLoss">Mean of −ln p(right label), in nats; probabilities are floored at 1e-12.</param>
/// <param name="CalibrationError">Expected calibration error over fifteen bins of equal width (Guo et al. 2017, equation 3).</param>
public sealed record ClassificationFigures(long Items, double Accuracy, double MacroF1, double LogLoss, double CalibrationError);
