using Sisa.Cli.Terminal;
using Sisa.Engine.Forgetting;
using Sisa.Evidence;
using Sisa.Serving.Measuring;
using Sisa.Storage.Files;

namespace Sisa.Cli.Verbs;

/// <summary>Files of what requesters get at the receipt. They are durable before the receipt is: where one cannot be written, nothing is received.</summary>
/// <param name="path">The file of one request, or the folder of many; <see langword="null"/> where nobody asked.</param>
/// <param name="isList">Whether it is a folder.</param>
internal sealed class RequesterCopies(string? path, bool isList)
{
    private const long MaxCopyBytes = 1L << 30;

    /// <summary>Writes copies while their requests are being received.</summary>
    /// <param name="copies">What requesters get.</param>
    /// <exception cref="StorageIoException">A file cannot be written, or holds another copy.</exception>
    public void Write(IReadOnlyList<RequesterCopy> copies)
    {
        if (path is null)
        {
            return;
        }

        if (isList && copies.Count > 0)
        {
            DurableFile.CreateFolder(Path.GetFullPath(path));
        }

        foreach (var copy in copies)
        {
            RequireFree(copy);
            Write(copy);
        }
    }

    /// <summary>Writes copies again with the figures of before, which go there and nowhere else.</summary>
    /// <param name="outcomes">What became of the requests.</param>
    /// <param name="meter">Who measured.</param>
    public void Complete(ForgetOutcomes outcomes, ForgettingMeter meter)
    {
        if (path is null)
        {
            return;
        }

        foreach (var outcome in outcomes.Outcomes.Where(o => o is { Copy: not null, Recorded: not null }))
        {
            if (meter.Before(outcome.Recorded!.Number) is { } before)
            {
                Write(outcome.Copy! with { Before = before });
            }
        }
    }

    /// <summary>Tells where the copies are, or why there is none.</summary>
    /// <param name="outcomes">What became of the requests.</param>
    /// <param name="output">Where to.</param>
    public void Tell(ForgetOutcomes outcomes, Output output)
    {
        if (path is null)
        {
            return;
        }

        if (outcomes.Outcomes.Any(o => o.Copy is not null))
        {
            output.Say($"The requester's copy is in {path}: hand it over and remove it. Nobody else can show which items the certificate is about.");
        }
        else if (outcomes.Outcomes.Any(o => o.AlreadyForgotten.Count > 0) && !Path.Exists(path))
        {
            output.Warn("There is no requester's copy: what is named was received before, and its copy could be written at that receipt only.");
        }
    }

    // The copy of a request whose answer was lost is written anew; any other would be lost for ever.
    private void RequireFree(RequesterCopy copy)
    {
        var file = FileOf(copy);
        if (Path.Exists(file) && !(Existing(file) is { } old && old.Request == copy.Request && old.Items.Select(i => (i.Item, i.Span)).SequenceEqual(copy.Items.Select(i => (i.Item, i.Span)))))
        {
            throw new StorageIoException($"{file} is there already; nothing was received.", "Name another file with '--requester-copy', or move this one away: it may be the only proof of what a certificate is about.");
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

    private string FileOf(RequesterCopy copy) => Path.GetFullPath(isList ? Path.Combine(path!, $"{copy.Request}.json") : path!);
}
