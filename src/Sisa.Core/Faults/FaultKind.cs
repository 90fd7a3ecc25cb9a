namespace Sisa.Faults;

/// <summary>The kind of a fault. Every front end maps it to its own codes: the command line to exit codes, a service to status codes.</summary>
public enum FaultKind
{
    /// <summary>The answer is no: nothing of that name, or nothing to do it with.</summary>
    NotFound,

    /// <summary>The call is invalid, whatever the store holds.</summary>
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
