namespace Sisa.Campaigns;

/// <summary>One way of doing harm to a store, many times over, and what must hold after each time.</summary>
/// <remarks>A case is a function of its number alone, so that a fault can be repeated by its number and a campaign can go on where it was.</remarks>
public abstract class Campaign
{
    /// <summary>What it is called on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What is done to the store, and what must hold: a row of the result table.</summary>
    public abstract string What { get; }

    /// <summary>Cases of the long form, at least.</summary>
    public abstract int Goal { get; }

    /// <summary>Cases that the test suite runs: spread over the kinds of harm, and a matter of seconds.</summary>
    public abstract IEnumerable<int> Sample { get; }

    /// <summary>Why it cannot run here; <see langword="null"/> where it can.</summary>
    public virtual string? Unavailable => null;

    /// <summary>Runs a case.</summary>
    /// <param name="number">Its number, from 0; any number is a case.</param>
    /// <param name="context">Its folder, and what it counts.</param>
    /// <exception cref="CampaignFaultException">Something that must hold does not.</exception>
    public abstract void Run(int number, CampaignCase context);
}
