using Sisa.Measurements;
using Sisa.Sharding;

namespace Sisa.Engine.Forgetting;

/// <summary>Measures what forgetting did, while what was forgotten is still at hand.</summary>
/// <remarks>The engine holds no tensors: whoever loads them measures. Asked once for each round of requests, between their publication and their
/// purge; where the run is interrupted in between, recovery purges without asking, and the certificate says "not measured".</remarks>
public interface IForgettingMeter
{
    /// <summary>Measures requests that are published and about to be purged.</summary>
    /// <param name="requests">What each of them named, by the number of the request.</param>
    /// <returns>What was measured, by the number of the request; fewer where something could not be.</returns>
    IReadOnlyDictionary<long, ForgettingMeasurements> Measure(IReadOnlyDictionary<long, IReadOnlyList<ForgottenRecord>> requests);

    /// <summary>Measures with the models that were served before the receipt, where somebody wants those figures. They are never stored (rule E9).</summary>
    /// <param name="requests">What each of the requests named, by its number.</param>
    void MeasureBefore(IReadOnlyDictionary<long, IReadOnlyList<ForgottenRecord>> requests);
}

/// <summary>An item that is being forgotten, as models were trained on it.</summary>
/// <param name="Shard">Its shard.</param>
/// <param name="Label">Index of its label.</param>
/// <param name="Features">Its encoded features.</param>
/// <param name="Spans">Of a document that stays, and loses spans: which of its tokens those are, marks counted; none where they cannot be told.</param>
public sealed record ForgottenRecord(ShardId Shard, int Label, byte[] Features, IReadOnlyList<Range> Spans);
