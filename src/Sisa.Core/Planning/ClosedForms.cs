using Sisa.Training;

namespace Sisa.Planning;

/// <summary>Expected costs of training and forgetting, where there is a formula: equal items, placed by uniform hashes.</summary>
/// <remarks>
/// Visits are items × epochs. Symbols: N items, S shards, R slices, e epochs (<c>training.epochs</c>), K requests of an item each. Stage k trains on slices 1 … k for
/// 2e / (R + 1) epochs (<see cref="StageSchedule"/>). The paper is Bourtoule et al., <i>Machine Unlearning</i>, IEEE S&amp;P 2021, section V (measuring time); it prices shards of
/// exactly N / S items, while here a keyed hash fills them, which differs by less than a visit a request and epoch. Both are given where they differ. Each form is compared with a
/// simulation in <c>ClosedFormsTests</c>. Where there is no formula, <see cref="CostSimulator"/> simulates. Pure.
/// </remarks>
public static class ClosedForms
{
    /// <summary>Visits of training everything: e·N, however many shards and slices. Section V.</summary>
    /// <param name="items">Items N.</param>
    /// <param name="epochs">Passes over a shard e.</param>
    public static double Training(double items, double epochs) => items * epochs;

    /// <summary>Visits of forgetting one subject: e·(N − n)/S · (2R + 1)/(3R).</summary>
    /// <param name="items">Items N before.</param>
    /// <param name="shards">Shards S.</param>
    /// <param name="slices">Slices R; 1 for sharding without slicing.</param>
    /// <param name="epochs">Passes e.</param>
    /// <param name="forgotten">Items n of the subject, all in one slice.</param>
    /// <remarks>The subject's slice is uniform, and every other item is in its shard with probability 1/S. The second factor, 2/3 + 1/(3R), is the paper's for slicing. Holds for subjects of
    /// any sizes.</remarks>
    public static double OneRequest(double items, int shards, int slices, double epochs, double forgotten = 1) =>
        epochs * (items - forgotten) / shards / SlicingSpeedUp(slices);

    /// <summary>The factor by which slicing without sharding reduces the cost of a request: 3R / (2R + 1), below 1.5. Section V.</summary>
    /// <param name="slices">Slices R.</param>
    public static double SlicingSpeedUp(int slices) => 3.0 * slices / ((2.0 * slices) + 1);

    /// <summary>Visits of K requests that are retrained one after another, with sharding and slicing: the sum over i of one request among the N − i remaining items.</summary>
    /// <param name="items">Items N before.</param>
    /// <param name="shards">Shards S.</param>
    /// <param name="slices">Slices R.</param>
    /// <param name="epochs">Passes e.</param>
    /// <param name="requests">Requests K, an item each.</param>
    public static double Sequential(double items, int shards, int slices, double epochs, int requests) =>
        epochs * ((requests * items) - (requests * (requests + 1.0) / 2)) / shards / SlicingSpeedUp(slices);

    /// <summary>Items retrained by K requests one after another with shards of equal size: (N/S + 1/(2S) − 1)·K − K²/(2S). Section V, sequential setting.</summary>
    /// <param name="items">Items N before.</param>
    /// <param name="shards">Shards S.</param>
    /// <param name="requests">Requests K, an item each.</param>
    public static double SequentialOfEqualShards(double items, int shards, int requests) =>
        (((items / shards) + (1.0 / (2 * shards)) - 1) * requests) - ((double)requests * requests / (2 * shards));

    /// <summary>Visits of K requests that share one retraining: (2e / (R + 1)) · (N − K)/R · Σₖ k·(1 − (1 − k/(SR))ᴷ).</summary>
    /// <param name="items">Items N before.</param>
    /// <param name="shards">Shards S.</param>
    /// <param name="slices">Slices R; with 1 the form is e·(N − K)·(1 − (1 − 1/S)ᴷ).</param>
    /// <param name="epochs">Passes e.</param>
    /// <param name="requests">Requests K, an item each.</param>
    /// <remarks>Stage k of a shard is trained again when at least one of K uniform places is in its slices 1 … k: the distribution of the first of K slices (order statistics), taken over shards. What is retained is
    /// independent of the requests, so that the expectations multiply.</remarks>
    public static double Batch(double items, int shards, int slices, double epochs, int requests)
    {
        double sum = 0;
        for (var k = 1; k <= slices; k++)
        {
            sum += k * AtLeastOne((double)k / ((double)shards * slices), requests);
        }

        return 2 * epochs / (slices + 1) * (items - requests) / slices * sum;
    }

    /// <summary>Items retrained by a batch of K requests with shards of equal size: N·(1 − (1 − 1/S)ᴷ) − K. Section V, batch setting.</summary>
    /// <param name="items">Items N before.</param>
    /// <param name="shards">Shards S.</param>
    /// <param name="requests">Requests K, an item each.</param>
    public static double BatchOfEqualShards(double items, int shards, int requests) => (items * AtLeastOne(1.0 / shards, requests)) - requests;

    /// <summary>Shards that a batch touches: S·(1 − (1 − 1/S)ᴷ).</summary>
    /// <param name="shards">Shards S.</param>
    /// <param name="requests">Requests K.</param>
    public static double ShardsTouched(int shards, int requests) => shards * AtLeastOne(1.0 / shards, requests);

    /// <summary>Stages that a batch retrains, and checkpoints that it writes: S·Σₖ (1 − (1 − k/(SR))ᴷ).</summary>
    /// <param name="shards">Shards S.</param>
    /// <param name="slices">Slices R.</param>
    /// <param name="requests">Requests K.</param>
    public static double StagesRetrained(int shards, int slices, int requests)
    {
        double sum = 0;
        for (var k = 1; k <= slices; k++)
        {
            sum += AtLeastOne((double)k / ((double)shards * slices), requests);
        }

        return shards * sum;
    }

    /// <summary>The first of the slices of K requests to one shard: the minimum of K uniform numbers from 1 to R, Σₖ (1 − k/R)ᴷ over k from 0 to R − 1. Section V, slicing in the batch setting.</summary>
    /// <param name="slices">Slices R.</param>
    /// <param name="requests">Requests K.</param>
    public static double FirstSlice(int slices, int requests)
    {
        double sum = 0;
        for (var k = 0; k < slices; k++)
        {
            sum += Math.Pow(1 - ((double)k / slices), requests);
        }

        return sum;
    }

    /// <summary>Retrainings of a time in which requests come at random and the first of those that wait opens a window: λt / (1 + λw), as long as retraining takes no time.</summary>
    /// <param name="requests">Requests λt that are expected in the time.</param>
    /// <param name="inWindow">Requests λw that are expected in a window.</param>
    /// <remarks>Renewal theory: a window of length w is followed by a pause of 1/λ on average.</remarks>
    public static double Retrainings(double requests, double inWindow) => requests / (1 + inWindow);

    /// <summary>How long a request waits for its retraining, in windows: (1 + λw/2) / (1 + λw). The first request waits a whole window, later ones half of one on average.</summary>
    /// <param name="inWindow">Requests λw that are expected in a window.</param>
    public static double WaitInWindows(double inWindow) => (1 + (inWindow / 2)) / (1 + inWindow);

    private static double AtLeastOne(double probability, int requests) => 1 - Math.Pow(1 - probability, requests);
}
