namespace Sisa.Aggregation;

/// <summary>How constituents' outputs are joined. None is trained.</summary>
public enum AggregationRule
{
    /// <summary>The label that most constituents prefer; ties go to the higher mean probability.</summary>
    MajorityVote,

    /// <summary>Mean of the probabilities.</summary>
    MeanProbability,

    /// <summary>Normalised geometric mean of the probabilities.</summary>
    LogMean,

    /// <summary>Language models: mean of the probabilities, each constituent weighted by how well it explained the text so far, from a uniform prior
    /// (Branch-Train-Merge: Li et al. 2022, section 2).</summary>
    PosteriorWeighted,

    /// <summary>Language models: one model whose weights are the means of the constituents', which must have started from one initial state.</summary>
    WeightAverage,
}
