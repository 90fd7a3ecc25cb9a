namespace Sisa.Planning;

/// <summary>A risk class as planning sees it: how many belong to it, and how often they ask.</summary>
/// <param name="Name">Its name, as in <c>ensemble.riskClasses</c>.</param>
/// <param name="ShareOfSubjects">Its share of the subjects, from 0 to 1.</param>
/// <param name="ShareOfRequests">Its share of the requests, from 0 to 1.</param>
public sealed record PlannedRisk(string Name, double ShareOfSubjects, double ShareOfRequests);

/// <summary>The requests that are expected.</summary>
/// <remarks>They come at random over the year (a Poisson process), each names other subjects than those before it, and of a class every subject is as likely as another.</remarks>
public sealed record RequestLoad
{
    /// <summary>Hours of a year of 365 days.</summary>
    public const double HoursOfYear = 8_760;

    /// <summary>Requests that are expected in a year.</summary>
    public double PerYear { get; init; }

    /// <summary>Subjects that a request names.</summary>
    public int SubjectsPerRequest { get; init; } = 1;

    /// <summary>Risk classes, whose shares add up to 1; none if all subjects ask equally often.</summary>
    public IReadOnlyList<PlannedRisk> Classes { get; init; } = [];

    /// <summary>Name of the class of a subject; <see langword="null"/> if there are no classes.</summary>
    /// <param name="subject">The subject.</param>
    public string? ClassOf(PlannedSubject subject) => Classes.Count > 0 ? Classes[subject.RiskClass].Name : null;
}
