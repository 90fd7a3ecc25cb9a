using Sisa.Corpora;
using Sisa.Readers.Features;
using Sisa.Readers.Formats;
using Sisa.Training;

namespace Sisa.Readers;

/// <summary>Reads corpus files of every format into encoded items.</summary>
/// <remarks>Thread-safe; what it returns is for one thread. Memory is bounded by the longest row (by the largest row group for Parquet), whatever
/// the file's size.</remarks>
public static class CorpusReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; gzip is recognised by its content.</param>
    /// <param name="recipe">A valid recipe.</param>
    /// <param name="options">Faults, notices, prediction; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends the reading between two rows.</param>
    /// <returns>The items in file order. Lazy: the file is opened by the first move. <b>The same <see cref="Item"/> and the same buffers
    /// come again with every move</b>, so copy what is to be kept; strings may be kept.</returns>
    /// <exception cref="CorpusException">A bad row that is not passed over, or a bad file.</exception>
    /// <exception cref="StorageIoException">The device failed.</exception>
    public static IEnumerable<Item> Read(string path, Recipe recipe, ReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ReadOptions();
        CorpusFile.RequireFile(path);
        _ = CorpusFile.FormatOf(recipe.Corpus, path);
        return Items(path, null, recipe, options, cancellationToken);
    }

    /// <summary>Reads JSON lines from a stream, each as soon as it has arrived.</summary>
    /// <param name="stream">For instance standard input. The caller keeps it, and disposes of it.</param>
    /// <param name="name">Name of the stream in messages and in generated ids.</param>
    /// <param name="recipe">A valid recipe.</param>
    /// <param name="options">Faults, notices, prediction; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends the reading between two rows.</param>
    /// <returns>As <see cref="Read(string, Recipe, ReadOptions?, CancellationToken)"/>; none for an empty stream.</returns>
    /// <exception cref="CorpusException">A bad row that is not passed over.</exception>
    public static IEnumerable<Item> Read(Stream stream, string name, Recipe recipe, ReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        CheckFeatures(recipe, CorpusFormat.Jsonl, name);
        return Items(name, stream, recipe, options ?? new ReadOptions(), cancellationToken);
    }

    private static IEnumerable<Item> Items(string name, Stream? stream, Recipe recipe, ReadOptions options, CancellationToken cancellationToken)
    {
        using var file = stream is null ? CorpusFile.Open(name) : null;
        var format = file is null ? CorpusFormat.Jsonl : Guarded(name, file, () => ContentFormat.Settle(recipe.Corpus, file));
        var reader = RowFormat.Of(format);
        CheckFeatures(recipe, format, name);
        var map = FieldMap.Of(recipe, format, options.ForPrediction, options.RequiresIds);
        var swallowed = new SwallowedRows(map, recipe);
        using var source = Guarded(name, file, () => reader.Open(
            new RowContent(Judged(reader, file?.Content ?? stream!, name, file), name, map, recipe) { File = file, ForPrediction = options.ForPrediction, Swallowed = swallowed }));
        var row = new FieldRow(map);
        var builder = new ItemBuilder(recipe, map, options.Encoder ?? new ItemEncoder(recipe), Path.GetFileName(name), options);
        var item = new Item();
        var rows = 0L;
        var next = () => source.Next(row);
        while (Guarded(name, file, next))
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows++;
            if ((row.Fault ?? builder.Build(row, item)) is { } fault)
            {
                Report(fault, name, row, file, options);
                continue;
            }

            yield return item;
        }

        swallowed.Report(name, options.OnNotice);
        Finish(name, file, rows, row, recipe, options);
    }

    private static void Report(RowFault fault, string name, FieldRow row, CorpusFile? file, ReadOptions options)
    {
        if (file is { HasChanged: true })
        {
            throw file.Changed();
        }

        var exception = new CorpusException(fault.Message, fault.Hint, name, row.Number) { LastRow = row.LastNumber, Reason = fault.Reason };
        if (options.OnFault?.Invoke(exception) != true)
        {
            throw exception;
        }
    }

    private static void Finish(string name, CorpusFile? file, long rows, FieldRow row, Recipe recipe, ReadOptions options)
    {
        if (file is { HasChanged: true })
        {
            throw file.Changed();
        }

        if (rows == 0)
        {
            if (file is not null)
            {
                throw new CorpusException("The file holds no rows.", "Check that it was written or downloaded completely.", name);
            }

            return;
        }

        if (recipe.Corpus.Fields.Id.Count == 0 && !options.ForPrediction)
        {
            options.OnNotice?.Invoke(
                $"{name}: the recipe maps no id, so items are named by file name and row number ({Path.GetFileName(name)}:1, …). "
                + "Such ids stay the same only while the file is neither edited nor renamed.");
        }

        for (var slot = 0; slot < row.Map.Names.Count; slot++)
        {
            if (row.Map.IsRequired(slot) && !row.WasEverSeen(slot))
            {
                options.OnNotice?.Invoke($"{name}: no row has the field '{row.Map.Names[slot]}' that the recipe maps.");
            }
        }
    }

    // The head of a file was checked when it was opened. The content of gzip and of pipes is checked here.
    private static Stream Judged(RowFormat format, Stream content, string name, CorpusFile? file) =>
        format.IsBinary || file is { IsGzip: false } ? content : ForeignContent.Refuse(content, name);

    private static void CheckFeatures(Recipe recipe, CorpusFormat format, string name)
    {
        if (recipe.Features.Pixels is not null && format != CorpusFormat.Idx)
        {
            throw new CorpusException($"The recipe declares pixels, and the file is {format}.", "Pixels come from IDX files. Set corpus.format: idx if this is one.", name);
        }

        if (!recipe.HasText && format == CorpusFormat.Text)
        {
            throw new CorpusException("The file is plain text, and the recipe declares no text feature.", "Map corpus.fields.text: text, and declare features.text.", name);
        }
    }

    /// <summary>Gives a failing device and damaged gzip their names, and blames a change of the file first.</summary>
    private static T Guarded<T>(string name, CorpusFile? file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is CorpusException or MalformedException && file is { HasChanged: true })
        {
            throw file.Changed();
        }
        catch (MalformedException e)
        {
            throw CorpusFile.Damaged(name, e);
        }
        catch (IOException e)
        {
            throw new StorageIoException($"{name} cannot be read: {PlainReason.Of(e)}.", "Check the device, then run the command again.", e);
        }
    }
}
