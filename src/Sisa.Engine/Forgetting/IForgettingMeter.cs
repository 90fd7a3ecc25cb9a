using Sisa.Measurements;
using Sisa.Sharding;

namespace Sisa.Engine.Forgetting;

/// <summary>Measures what forgetting did, while what was forgotten is still at hand.</summary>
/// <remarks>The engine holds no tensors: whoever loads them measures. Asked once for each round of requests, between their publication and their
/// purge; where the run is interrupted in between, recovery purges without asking, and the certificate says "not measured".</remarks>
public interface IForgettingMeter
{
    /// <summary>Measures requests that are published and about to be purged.</summary>
    /// <param name="requests">The targets of each request, by its number.</param>
    /// <returns>The measurements, by the number of the request; fewer if some could not be made.</returns>
    IReadOnlyDictionary<long, ForgettingMeasurements> Measure(IReadOnlyDictionary<long, IReadOnlyList<ForgottenRecord>> requests);

    /// <summary>Measures with the models that were served before the receipt, if these figures are needed. They are never stored (rule E9).</summary>
    /// <param name="requests">The targets of each request, by its number.</param>
    void MeasureBefore(IReadOnlyDictionary<long, IReadOnlyList<ForgottenRecord>> requests);
}

/// <summary>An item that is being forgotten, as models were trained on it.</summary>
/// <param name="Shard">Its shard.</param>
/// <param name="Label">Index of its label.</param>
/// <param name="Features">Its encoded features.</param>
/// <param name="Spans">For a document that loses spans: the tokens of these spans, marks counted; empty if they cannot be determined.</param>
public sealed record ForgottenRecord(ShardId Shard, int Label, byte[] Features, IReadOnlyList<Range> Spans);
