using Sisa.Engine.Reporting;

namespace Sisa.Serving;

/// <summary>A received request to forget: it is durable, and no served model was trained on its items.</summary>
/// <param name="Report">The request at its receipt: what was found under what it names, and what forgetting will cost.</param>
/// <param name="Completion">
/// Ends with the request: retrained, purged, certified. Where its retraining may wait for others (<c>requests.window</c> in the recipe), it begins when it may wait no longer.
/// Cancelled if the store is closed before. The request stays received, and the next training finishes it.
/// </param>
public sealed record ForgetReceipt(ForgetReport Report, Task<ForgetReport> Completion)
{
    /// <summary>Name of the request; <see langword="null"/> if all its items were forgotten before, so that nothing is recorded.</summary>
    public string? Request => Report.Request?.Id;
}

/// <summary>Requests to forget that were received together.</summary>
/// <param name="Report">The requests at their receipt.</param>
/// <param name="Completion">Ends with the last of them; see <see cref="ForgetReceipt.Completion"/>.</param>
public sealed record ForgetListReceipt(ForgetListReport Report, Task<ForgetListReport> Completion);
