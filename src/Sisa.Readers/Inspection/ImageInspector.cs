using Sisa.Readers.Formats;
using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>Proposes a recipe for IDX images.</summary>
internal static class ImageInspector
{
    /// <summary>Looks at a file of images and at its labels.</summary>
    /// <param name="path">The images.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static InspectedRecipe Inspect(string path, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        var (count, pixels) = ReadImages(path, cancellationToken);
        var recipe = new Recipe
        {
            Name = RecipeInspector.NameOf(path),
            Corpus = new CorpusOptions { Format = CorpusFormat.Idx },
            Features = new FeatureOptions { Pixels = pixels },
            Model = new CnnOptions(),
        };
        var labels = ReadLabels(path, recipe, count, notes, cancellationToken);
        notes.Add("Images in IDX files have neither ids nor subjects: they are named by file and row, so the file must never be edited.");
        return new InspectedRecipe(recipe with { Labels = labels, DeclaredAfterInspection = ["labels", "features.pixels"] }, notes);
    }

    private static (long Count, PixelFeature Pixels) ReadImages(string path, CancellationToken cancellationToken)
    {
        using var file = CorpusFile.Open(path);
        var shape = IdxSource.ReadHeader(file.Content, path, "images");
        if (shape.Length is not (3 or 4))
        {
            throw new CorpusException($"The file has {shape.Length} dimensions, expected images with 3 or 4.", "Name the file of the images, not that of the labels.", path);
        }

        var histogram = new long[256];
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = file.Content.Read(buffer)) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var value in buffer.AsSpan(0, read))
            {
                histogram[value]++;
            }
        }

        var total = Math.Max(1, histogram.Sum());
        var mean = histogram.Select((n, value) => n * (value / 255.0)).Sum() / total;
        var deviation = Math.Sqrt(histogram.Select((n, value) => n * ((value / 255.0) - mean) * ((value / 255.0) - mean)).Sum() / total);
        return (shape[0], new PixelFeature(shape[^2], shape[^1], shape.Length == 4 ? shape[1] : 1, Math.Round(mean, 2), Math.Max(0.01, Math.Round(deviation, 2))));
    }

    private static IReadOnlyList<string> ReadLabels(string path, Recipe recipe, long count, List<string> notes, CancellationToken cancellationToken)
    {
        // Any index is a label for now: the highest one decides how many there are.
        var open = recipe with { Labels = [.. Enumerable.Range(0, 256).Select(index => index.ToString())] };
        var rows = new long[256];
        var read = 0L;
        foreach (var item in CorpusReader.Read(path, open, new ReadOptions { ForPrediction = true }, cancellationToken))
        {
            if (item.Label >= 0)
            {
                rows[item.Label]++;
                read++;
            }
        }

        if (read < count)
        {
            notes.Add("No file of labels was found beside the images. Name it as corpus.labels, and declare labels.");
            return [];
        }

        // A label of one image says that the image exists. At the upper end it can be left out; between others its number is taken.
        var highest = Array.FindLastIndex(rows, n => n > 1);
        var single = rows.Skip(highest + 1).Count(n => n > 0);
        if (single > 0)
        {
            notes.Add($"{single} labels above {highest} are each held by a single image and were left out; such images are refused. Use --on-error skip, or declare the labels if their existence may stay known.");
        }

        var rare = rows.Take(highest + 1).Count(n => n < 2);
        if (rare > 0)
        {
            notes.Add($"{rare} of the {highest + 1} labels are held by one image or none. Labels of IDX files are numbers, so none can be left out: think about whether their existence may stay known.");
        }

        notes.Add("Labels of IDX files are numbers; the names in labels are yours to choose, in order of the numbers.");
        return open.Labels.Take(highest + 1).ToList();
    }
}
