using Sisa.Corpora;
using Sisa.Models;
using Sisa.Readers.Formats;
using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>Proposes a recipe for IDX images.</summary>
internal static class ImageInspector
{
    /// <summary>Smaller images leave nothing to pool.</summary>
    private const int MinConvolutionSide = 8;

    /// <summary>Looks at files of images and at their labels.</summary>
    /// <param name="paths">The images; the recipe is proposed for the first file, and must fit the others.</param>
    /// <param name="given">Keys that the user set; they win.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static InspectedRecipe Inspect(IReadOnlyList<string> paths, GivenKeys given, CancellationToken cancellationToken)
    {
        var proposal = new Proposal(paths, given);
        var path = paths[0];
        var (count, pixels) = ReadImages(path, cancellationToken);
        var recipe = new Recipe
        {
            Name = RecipeInspector.NameOf(path),
            Corpus = given.Recipe.Corpus with { Format = CorpusFormat.Idx },
            Features = new FeatureOptions { Pixels = pixels },
            Model = Math.Min(pixels.Height, pixels.Width) >= MinConvolutionSide ? new CnnOptions() : new MlpOptions(),
            Ensemble = ModelProposal.Shards(proposal, count, count, hasSubjects: false),
        };
        recipe = recipe with { Labels = ReadLabels(path, recipe, count, proposal, given, cancellationToken) };
        proposal.Declare("labels");
        proposal.Declare("features.pixels");
        proposal.Explain("features.pixels.height", $"the shape of the {count:N0} images; mean and deviation are those of all pixels, rounded");
        proposal.Explain("model.kind", "images");
        proposal.Note("Images in IDX files have neither ids nor subjects. They are named by file and row, so the file must never be edited.");
        return proposal.Finish(recipe, count, cancellationToken);
    }

    private static (long Count, PixelFeature Pixels) ReadImages(string path, CancellationToken cancellationToken)
    {
        using var file = CorpusFile.Open(path);
        var shape = IdxSource.ReadHeader(file.Content, path, "images");
        if (shape.Length is not (3 or 4))
        {
            throw new CorpusException($"The file has {shape.Length} dimensions, expected images with 3 or 4.", "Name the file of the images instead of the file of the labels.", path);
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

    private static IReadOnlyList<string> ReadLabels(string path, Recipe recipe, long count, Proposal proposal, GivenKeys given, CancellationToken cancellationToken)
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
            throw new CorpusException(
                "No file of labels was found beside the images.",
                $"Name it with {Step.SetKey.With("corpus.labels=FILE")}. It is an IDX file too: the bytes 0 0 8 1, the number of images in 4 bytes (big-endian), and one byte a label, from 0.",
                path);
        }

        if (given.Has("labels"))
        {
            return given.Recipe.Labels;
        }

        // A label of one image says that the image exists. At the upper end it can be left out; between others its number is taken.
        var highest = Array.FindLastIndex(rows, n => n > 1);
        var single = rows.Skip(highest + 1).Count(n => n > 0);
        if (single > 0)
        {
            proposal.Note($"{single} labels above {highest} each belong to a single image and were left out; such images are refused. Use {Step.SkipBadRows}, or declare the labels if their existence may stay known.");
        }

        var rare = rows.Take(highest + 1).Count(n => n < 2);
        if (rare > 0)
        {
            proposal.Note($"{rare} of the {highest + 1} labels belong to one image or none. Labels of IDX files are numbers, so none can be left out. Consider whether their existence may stay known.");
        }

        proposal.Explain("labels", "the numbers up to the highest one that several images hold");
        proposal.Note("Labels of IDX files are numbers. Choose their names in labels, in the order of the numbers.");
        return open.Labels.Take(highest + 1).ToList();
    }
}
