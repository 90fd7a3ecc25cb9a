using System.Text.Json.Serialization;

namespace Sisa.Measurements;

/// <summary>The measurements of a forgetting besides its cost: effectiveness and retained utility (Blanco-Justicia et al.).</summary>
/// <param name="Effectiveness">How the models treat the forgotten items; <see langword="null"/> if it was not measured.</param>
/// <param name="Utility">How good the ensemble is on held-out data; <see langword="null"/> if it was not measured.</param>
/// <param name="Language">Both of a language model, instead of the two; <see langword="null"/> of a classifier, or where it was not measured.</param>
/// <param name="Absent">Which of the three cannot be given, and why; <see langword="null"/> if none is missing, and in what versions wrote that did not say.</param>
public sealed record ForgettingMeasurements(
    ForgettingEffectiveness? Effectiveness = null,
    RetainedUtility? Utility = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] LanguageForgetting? Language = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<AbsentFigure>? Absent = null)
{
    /// <summary>The measurements of a classifier.</summary>
    /// <param name="effectiveness">How the models treat the forgotten items; <see langword="null"/> if none of them has a model.</param>
    /// <param name="utility">How good the ensemble is; <see langword="null"/> if there are no unseen items.</param>
    /// <param name="whyNoUnseen">Why there are no unseen items; not looked at where there are.</param>
    public static ForgettingMeasurements OfClassifier(ForgettingEffectiveness? effectiveness, RetainedUtility? utility, AbsenceReason whyNoUnseen)
    {
        AbsentFigure[] absent =
        [
            .. effectiveness is null ? [new AbsentFigure("effectiveness", AbsenceReason.NoModel)] : Array.Empty<AbsentFigure>(),
            .. utility is null ? [new AbsentFigure("utility", whyNoUnseen)] : Array.Empty<AbsentFigure>(),
        ];
        return new ForgettingMeasurements(effectiveness, utility, Absent: absent.Length > 0 ? absent : null);
    }

    /// <summary>Measurements without figures, with the reason.</summary>
    /// <param name="isLanguageModel">Whether the models are language models.</param>
    /// <param name="reason">The reason.</param>
    public static ForgettingMeasurements None(bool isLanguageModel, AbsenceReason reason) =>
        new(Absent: [.. (isLanguageModel ? new[] { "language" } : ["effectiveness", "utility"]).Select(figure => new AbsentFigure(figure, reason))]);
}

/// <summary>How good the ensemble is after a forgetting.</summary>
/// <param name="Figures">Its figures on the recipe's evaluation data.</param>
/// <param name="LeftOut">Rows of that data that are not held out, because the store holds or forgot them.</param>
public sealed record RetainedUtility(ClassificationFigures Figures, long LeftOut);
