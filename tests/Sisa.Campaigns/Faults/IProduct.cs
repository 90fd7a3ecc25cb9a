namespace Sisa.Campaigns.Faults;

/// <summary>What is harmed, and recovers: the engine with the fake trainer, or the program as it is shipped.</summary>
public interface IProduct
{
    /// <summary>Runs a command in a process of its own, and does harm to it.</summary>
    /// <param name="folder">Folder of the store, without symbolic links.</param>
    /// <param name="plan">What is done to it.</param>
    /// <param name="arguments">The command.</param>
    /// <param name="trace">File that records every change, or <see langword="null"/>.</param>
    SubjectResult Start(string folder, FaultPlan plan, IReadOnlyList<string> arguments, string? trace = null);

    /// <summary>Runs a command with nothing in its way.</summary>
    SubjectResult Repeat(string folder, IReadOnlyList<string> arguments);

    /// <summary>Whether a command has said that a request is received.</summary>
    bool HasReceived(string said);

    /// <summary>Recovers a store.</summary>
    void Recover(string folder);

    /// <summary>Brings a store up to date.</summary>
    void Train(string folder);

    /// <summary>How the checkpoints of a store differ from those of one that was made from scratch of the same items.</summary>
    IReadOnlyList<string> Differences(string folder);
}
