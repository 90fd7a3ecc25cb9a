namespace Sisa.Measurements;

/// <summary>A figure that was asked for and cannot be given.</summary>
/// <param name="Figure">Name of the figure in JSON.</param>
/// <param name="Reason">The reason.</param>
public sealed record AbsentFigure(string Figure, AbsenceReason Reason);

/// <summary>Why a figure cannot be given.</summary>
public enum AbsenceReason
{
    /// <summary>Nothing is left of the shards that the forgotten items belonged to, so there is no model to ask.</summary>
    NoModel,

    /// <summary>There are no unseen items: the recipe has no evaluation file, or none of its rows is held out.</summary>
    NoUnseen,

    /// <summary>Every text is too short to hold a part of it back.</summary>
    TooShort,

    /// <summary>It exceeds every number that can be written, some 1.8e308.</summary>
    TooLarge,

    /// <summary>The models gave no numbers, or a file could not be read; the command said so.</summary>
    Failed,
}
