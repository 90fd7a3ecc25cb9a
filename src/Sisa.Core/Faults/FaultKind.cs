namespace Sisa.Faults;

/// <summary>What kind of fault something is. Every front end turns a kind into its own code: the command line into an exit code, a service into a status.</summary>
public enum FaultKind
{
    /// <summary>The answer is no: nothing of that name, or nothing to do it with.</summary>
    NotFound,

    /// <summary>The call makes no sense, whatever the store holds.</summary>
    Usage,

    /// <summary>Input data or a stored file is unreadable or wrong.</summary>
    Data,

    /// <summary>The recipe is wrong.</summary>
    Recipe,

    /// <summary>A device, library or service that is needed is not there.</summary>
    Unavailable,

    /// <summary>Reading or writing failed.</summary>
    InputOutput,

    /// <summary>Another process holds the store; the same call works later.</summary>
    Busy,

    /// <summary>The work was interrupted after its last durable step; the same call goes on from there.</summary>
    Interrupted,

    /// <summary>The program has a fault of its own.</summary>
    Internal,
}
