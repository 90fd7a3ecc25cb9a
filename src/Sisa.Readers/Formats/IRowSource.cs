namespace Sisa.Readers.Formats;

/// <summary>The rows of one file, in file order, one format per implementation.</summary>
/// <remarks>Not thread-safe. Owns the content that it reads. A fault of one row is put into the row and reading can go on; a fault of the
/// file as a whole is thrown as <see cref="CorpusException"/>.</remarks>
public interface IRowSource : IDisposable
{
    /// <summary>Moves to the next row.</summary>
    /// <param name="row">Receives the fields, or the fault.</param>
    /// <returns><see langword="false"/> after the last row.</returns>
    bool Next(FieldRow row);
}
