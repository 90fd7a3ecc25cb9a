using Sisa.Engine.Forgetting;
using Sisa.Evidence;
using Sisa.Measurements;
using Sisa.Storage.Files;

namespace Sisa.Engine.Certifying;

/// <summary>Files of what requesters get at the receipt. They are durable before the receipt is: where one cannot be written, nothing is received.</summary>
/// <param name="path">The file of one request, or the folder of many; <see langword="null"/> for no copies.</param>
/// <param name="isList">Whether it is a folder.</param>
public sealed class RequesterCopies(string? path, bool isList)
{
    private const long MaxCopyBytes = 1L << 30;

    /// <summary>The file of one request, or the folder of many; <see langword="null"/> for no copies.</summary>
    public string? Path { get; } = path;

    /// <summary>Writes copies while their requests are being received.</summary>
    /// <param name="copies">The requesters' copies.</param>
    /// <exception cref="StorageIoException">A file cannot be written, or holds another copy.</exception>
    public void Write(IReadOnlyList<RequesterCopy> copies)
    {
        ArgumentNullException.ThrowIfNull(copies);
        if (Path is null)
        {
            return;
        }

        if (isList && copies.Count > 0)
        {
            DurableFile.CreateFolder(System.IO.Path.GetFullPath(Path));
        }

        foreach (var copy in copies)
        {
            RequireFree(copy);
            Write(copy);
        }
    }

    /// <summary>Writes copies again with the figures of before, which go there and nowhere else.</summary>
    /// <param name="outcomes">The outcomes of the requests.</param>
    /// <param name="before">The earlier measurements, by the number of the request; <see langword="null"/> if there are none.</param>
    public void Complete(ForgetOutcomes outcomes, Func<long, ForgettingMeasurements?> before)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentNullException.ThrowIfNull(before);
        if (Path is null)
        {
            return;
        }

        foreach (var outcome in outcomes.Outcomes.Where(o => o is { Copy: not null, Recorded: not null }))
        {
            if (before(outcome.Recorded!.Number) is { } measured)
            {
                Write(outcome.Copy! with { Before = measured });
            }
        }
    }

    // The copy of a request whose answer was lost is written again; any other would be lost forever.
    private void RequireFree(RequesterCopy copy)
    {
        var file = FileOf(copy);
        if (System.IO.Path.Exists(file) && !(Existing(file) is { } old && old.Request == copy.Request && old.Items.Select(i => (i.Kind, i.Item, i.Span)).SequenceEqual(copy.Items.Select(i => (i.Kind, i.Item, i.Span)))))
        {
            throw new StorageIoException($"{file} already exists. Nothing was received.", $"Name another file with {Step.RequesterCopy}, or move this one away. It may be the only proof of which items a certificate is about.");
        }
    }

    private static RequesterCopy? Existing(string file)
    {
        try
        {
            return RequesterCopy.Read(ForeignFile.Read(file, MaxCopyBytes));
        }
        catch (EvidenceException)
        {
            return null;
        }
    }

    private void Write(RequesterCopy copy) => DurableFile.Write(FileOf(copy), copy.ToBytes(), ownerOnly: true);

    private string FileOf(RequesterCopy copy) => System.IO.Path.GetFullPath(isList ? System.IO.Path.Combine(Path!, $"{copy.Request}.json") : Path!);
}
