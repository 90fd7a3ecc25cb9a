using Sisa.Corpora;

namespace Sisa;

/// <summary>Something in the world (a file, a row, a store, a device) is not as it must be.</summary>
/// <remarks>Bugs of the caller are argument exceptions instead. Every subtype maps to one exit code of the command line.</remarks>
public abstract class SisaException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What, which, found, expected: one sentence with its full stop.</param>
    /// <param name="hint">What the reader can do about it, or <see langword="null"/>.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    protected SisaException(string message, string? hint, Exception? innerException = null)
        : base(message, innerException) => Hint = hint;

    /// <summary>What the reader can do about it, or <see langword="null"/> where nothing helps.</summary>
    public string? Hint { get; }

    /// <summary>Exit code of the command line for this fault.</summary>
    public abstract ExitCode ExitCode { get; }
}

/// <summary>Exit codes of the command line (the numbers of BSD sysexits where they fit).</summary>
public enum ExitCode
{
    /// <summary>Done.</summary>
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

/// <summary>A corpus file or one of its rows cannot be used.</summary>
public sealed class CorpusException : SisaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What, which, found, expected; without the place, which is put in front.</param>
    /// <param name="hint">The remedy.</param>
    /// <param name="file">Name of the corpus file as the user gave it.</param>
    /// <param name="row">One-based line (text formats) or row (others), or <see langword="null"/> for the whole file.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public CorpusException(string message, string? hint, string? file = null, long? row = null, Exception? innerException = null)
        : base(Place(file, row) + message, hint, innerException) => (File, Row) = (file, row);

    /// <summary>Name of the corpus file, where one is to blame.</summary>
    public string? File { get; }

    /// <summary>One-based line or row, where one is to blame.</summary>
    public long? Row { get; }

    /// <summary>The last line of the row; <see langword="null"/> where the format has no lines, or for the whole file.</summary>
    public long? LastRow { get; init; }

    /// <summary>What kind of fault a row has. Default: <see cref="RowFaultReason.Value"/>.</summary>
    public RowFaultReason Reason { get; init; }

    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.Data;

    private static string Place(string? file, long? row) =>
        file is null ? string.Empty : row is null ? $"{file}: " : $"{file}:{row}: ";
}

/// <summary>The recipe is wrong. Every fault is listed, not only the first.</summary>
public sealed class RecipeException : SisaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="faults">Every fault, each naming its key and the allowed values; at least one.</param>
    /// <param name="hint">The remedy.</param>
    public RecipeException(IReadOnlyList<string> faults, string? hint = null)
        : base(Describe(faults), hint ?? "Run 'sisa init --print-recipe' to see every key with its default and meaning.") => Faults = faults;

    /// <summary>Every fault.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.Recipe;

    private static string Describe(IReadOnlyList<string> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        return faults.Count == 1 ? $"The recipe has a fault: {faults[0]}" : $"The recipe has {faults.Count} faults:\n  " + string.Join("\n  ", faults);
    }
}

/// <summary>Requests to forget cannot be received as they are. Every fault is listed, as far as anybody would read them; nothing was recorded.</summary>
public sealed class RequestException : SisaException
{
    private const int MaxShown = 20;

    /// <summary>Creates the exception.</summary>
    /// <param name="faults">Every fault, each naming its request or line; at least one.</param>
    /// <param name="hint">The remedy.</param>
    public RequestException(IReadOnlyList<string> faults, string? hint)
        : base(Describe(faults), hint) => Faults = faults;

    /// <summary>Every fault.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.Data;

    /// <summary>Puts faults into one message.</summary>
    /// <param name="faults">Every fault.</param>
    internal static string Describe(IReadOnlyList<string> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        var shown = string.Join("\n  ", faults.Take(MaxShown)) + (faults.Count > MaxShown ? $"\n  … and {faults.Count - MaxShown} more." : string.Empty);
        return faults.Count == 1 ? faults[0] : $"Nothing was received, because of {faults.Count} faults:\n  {shown}";
    }
}

/// <summary>Requests have the names of earlier ones, and ask for something else. Nothing was recorded.</summary>
public sealed class RequestConflictException : SisaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="requests">Names of the requests that are taken; at least one.</param>
    /// <param name="faults">What each asks for, compared with the earlier one.</param>
    /// <param name="hint">The remedy.</param>
    public RequestConflictException(IReadOnlyList<string> requests, IReadOnlyList<string> faults, string? hint)
        : base(RequestException.Describe(faults), hint) => (Requests, Faults) = (requests, faults);

    /// <summary>Names of the requests.</summary>
    public IReadOnlyList<string> Requests { get; }

    /// <summary>Every fault, in the same order.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.Data;
}

/// <summary>A store, or a file in it, is missing, damaged, of another version, or not what the manifest records.</summary>
/// <param name="message">What, which, found, expected.</param>
/// <param name="hint">The remedy.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class StoreException(string message, string? hint, Exception? innerException = null) : SisaException(message, hint, innerException)
{
    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.Data;
}

/// <summary>A folder of open weights or of a tokenizer cannot be used: a file is missing or malformed, or describes what Sisa does not build.</summary>
/// <param name="message">What, which, found, expected.</param>
/// <param name="hint">The remedy.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class OpenWeightsException(string message, string? hint, Exception? innerException = null) : SisaException(message, hint, innerException)
{
    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.Data;
}

/// <summary>Another process holds the store.</summary>
/// <param name="message">Which store, and who holds it as far as is known.</param>
/// <param name="hint">The remedy.</param>
public sealed class StoreBusyException(string message, string? hint) : SisaException(message, hint)
{
    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.Resumable;
}

/// <summary>Reading or writing a file failed (disk full, no permission, device error).</summary>
/// <param name="message">What was being done, to which file, and the system's reason.</param>
/// <param name="hint">The remedy.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class StorageIoException(string message, string? hint, Exception? innerException = null) : SisaException(message, hint, innerException)
{
    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.InputOutput;
}

/// <summary>A device, native library or version that the recipe asks for is not there.</summary>
/// <param name="message">What was asked for and what was found.</param>
/// <param name="hint">The remedy.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class EnvironmentException(string message, string? hint, Exception? innerException = null) : SisaException(message, hint, innerException)
{
    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.Unavailable;
}

/// <summary>Training diverged: a loss or a weight is not a finite number any more. Nothing of the stage was recorded.</summary>
/// <param name="divergence">Where, and with which learning rate.</param>
public sealed class DivergenceException(Training.Divergence divergence) : SisaException(Describe(divergence), Remedy)
{
    private const string Remedy =
        "Nothing was published; what was served before is still served, and pending requests stay as they are. Make a new store from a recipe with a lower 'training.learningRate', more 'training.warmup', or 'training.clip'.";

    /// <summary>Where training diverged, and with which learning rate.</summary>
    public Training.Divergence Divergence { get; } = divergence;

    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.Data;

    private static string Describe(Training.Divergence divergence)
    {
        ArgumentNullException.ThrowIfNull(divergence);
        return string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"Training of {divergence.Shard} diverged in stage {divergence.Stage.Value}: after step {divergence.Step} of {divergence.Steps}, {divergence.Found} is not a finite number (learning rate {divergence.LearningRate:G9}).");
    }
}

/// <summary>The answer is no: nothing of that name, nothing to do it with.</summary>
/// <param name="message">What was looked for and where.</param>
/// <param name="hint">The remedy.</param>
public sealed class NotFoundException(string message, string? hint) : SisaException(message, hint)
{
    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.No;
}

/// <summary>A certificate, a signed note, a log or a key cannot be read. That one does not hold is no exception but an answer.</summary>
/// <param name="message">What, which, found, expected.</param>
/// <param name="hint">The remedy.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class EvidenceException(string message, string? hint, Exception? innerException = null) : SisaException(message, hint, innerException)
{
    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.Data;
}

/// <summary>Work was interrupted after its last durable step; the same command goes on from there.</summary>
/// <param name="message">What was interrupted and how far it came.</param>
/// <param name="hint">How to resume.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class InterruptedException(string message, string? hint, Exception? innerException = null) : SisaException(message, hint, innerException)
{
    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.Resumable;
}
