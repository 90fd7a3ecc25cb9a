namespace Sisa.Benchmarks;

/// <summary>Hears how a study gets on.</summary>
public interface IStudyProgress
{
    /// <summary>The study begins, or goes on.</summary>
    /// <param name="steps">Steps in all.</param>
    /// <param name="finished">Steps that an earlier run finished.</param>
    void Begin(int steps, int finished);

    /// <summary>A step begins.</summary>
    /// <param name="step">The step, for people.</param>
    void Begin(string step);

    /// <summary>A step ended.</summary>
    /// <param name="progress">Where the study stands.</param>
    void Finished(StudyProgress progress);
}

/// <summary>Where a study stands.</summary>
/// <param name="Step">The step that ended.</param>
/// <param name="Finished">Steps that are finished.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Seconds">Seconds since this run began.</param>
/// <param name="SecondsLeft">Seconds that the rest will take, should it go on at the pace so far.</param>
public sealed record StudyProgress(string Step, int Finished, int Steps, double Seconds, double SecondsLeft);
