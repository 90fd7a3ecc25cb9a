namespace Sisa.Cli;

/// <summary>Exit codes of the command line (the numbers of BSD sysexits where they fit).</summary>
public enum ExitCode
{
    /// <summary>The command succeeded.</summary>
    Done = 0,

    /// <summary>The answer is no: verification failed, nothing of that name.</summary>
    No = 1,

    /// <summary>The command line was not understood.</summary>
    Usage = 2,

    /// <summary>Input data or a stored file is unreadable or wrong.</summary>
    Data = 65,

    /// <summary>A device, library or service that is needed is not there.</summary>
    Unavailable = 69,

    /// <summary>The program has a fault of its own.</summary>
    Internal = 70,

    /// <summary>Reading or writing failed.</summary>
    InputOutput = 74,

    /// <summary>Interrupted, or held by another process; the same command resumes.</summary>
    Resumable = 75,

    /// <summary>The recipe is wrong.</summary>
    Recipe = 78,
}
