using Sisa.Readers.Recipes;
using Sisa.Training;

namespace Sisa.Readers.Tests;

/// <summary>Corpus files and recipes of strangers; the same through the program, in a heap of bounded size: <c>UntrustedFileTests</c>.</summary>
public sealed class UntrustedCorpusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_small_parquet_file_that_stands_for_a_huge_row_group_is_refused_before_it_is_read()
    {
        var path = _folder.Write("bomb.parquet", ParquetByHand.File(ParquetByHand.Of("age", 1, 2) with { Codec = 6, FullBytes = int.MaxValue }));
        var recipe = new Recipe { Labels = ["no", "yes"], Features = new FeatureOptions { Numbers = [new NumberFeature("age", 0, 100)] } };
        var fault = Samples.Fault(path, recipe, new ReadOptions { ForPrediction = true });
        Assert.Contains("MB of memory", fault.Message, StringComparison.Ordinal);
        Assert.Contains("smaller row groups", fault.Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_behind_a_link_out_of_the_folder_of_their_images_are_refused()
    {
        Directory.CreateDirectory(_folder.PathOf("data"));
        Directory.CreateDirectory(_folder.PathOf("cache"));
        File.WriteAllBytes(_folder.PathOf("data/a-images-idx3"), [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]);
        File.WriteAllBytes(_folder.PathOf("cache/labels"), [0, 0, 8, 1, 0, 0, 0, 1, 2]);
        File.CreateSymbolicLink(_folder.PathOf("data/a-labels-idx1"), _folder.PathOf("cache/labels"));
        Assert.Contains("is a link", Samples.Fault(_folder.PathOf("data/a-images-idx3"), Samples.Image).Message, StringComparison.Ordinal);

        // A cache of data sets keeps the files of both links side by side.
        File.Move(_folder.PathOf("data/a-images-idx3"), _folder.PathOf("cache/images"));
        File.CreateSymbolicLink(_folder.PathOf("data/a-images-idx3"), _folder.PathOf("cache/images"));
        Assert.Equal(2, Assert.Single(Samples.ReadAll(_folder.PathOf("data/a-images-idx3"), Samples.Image)).Label);
    }

    [Theory]
    [InlineData(1017)]
    [InlineData(1018)]
    [InlineData(1019)]
    [InlineData(2042)]
    public void A_directive_ends_wherever_the_text_does(int length) => Assert.Throws<RecipeException>(() => RecipeReader.Parse("%OTHER" + new string('x', length)));

    public void Dispose() => _folder.Dispose();
}
