using Sisa.Corpora;

namespace Sisa.Faults;

/// <summary>A corpus file or one of its rows cannot be used.</summary>
public sealed class CorpusException : SisaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What, which, found, expected. The place is prepended.</param>
    /// <param name="remedy">What the reader can do about the fault.</param>
    /// <param name="file">Name of the corpus file as the user gave it.</param>
    /// <param name="row">One-based line (text formats) or row (others), or <see langword="null"/> for the whole file.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public CorpusException(string message, Remedy? remedy, string? file = null, long? row = null, Exception? innerException = null)
        : base(Place(file, row) + message, remedy, innerException) => (File, Row) = (file, row);

    /// <summary>Name of the corpus file, where one is to blame.</summary>
    public string? File { get; }

    /// <summary>One-based line or row, where one is to blame.</summary>
    public long? Row { get; }

    /// <summary>The last line of the row; <see langword="null"/> if the format has no lines, or for the whole file.</summary>
    public long? LastRow { get; init; }

    /// <summary>The kind of the row's fault. Default: <see cref="RowFaultReason.Value"/>.</summary>
    public RowFaultReason Reason { get; init; }

    /// <inheritdoc/>
    public override FaultKind Kind => FaultKind.Data;

    private static string Place(string? file, long? row) =>
        file is null ? string.Empty : row is null ? $"{file}: " : $"{file}:{row}: ";
}
