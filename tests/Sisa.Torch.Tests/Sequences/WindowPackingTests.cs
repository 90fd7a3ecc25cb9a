using System.Runtime.InteropServices;
using Sisa.Sharding;
using Sisa.Torch.Models.Decoders;

namespace Sisa.Torch.Tests.Sequences;

public sealed class WindowPackingTests
{
    private const int Context = 10;
    private const int Windows = 3;

    [Fact]
    public void Every_token_but_the_first_of_a_document_is_predicted_once_and_no_window_overflows()
    {
        var generator = new SeededGenerator(Seeds.Derive(1, "lengths"));
        for (var round = 0; round < 200; round++)
        {
            int[] lengths = [.. Enumerable.Range(0, generator.NextInt32(30)).Select(_ => generator.NextInt32(35))];
            var steps = WindowPacking.Pack(Source(lengths), Order(lengths.Length), Context, Windows);

            Assert.DoesNotContain(steps, step => step.Length == 0);
            var predicted = steps.SelectMany(step => step).SelectMany(piece => Enumerable.Range(piece.From + 1, piece.Length).Select(token => (piece.Item, token))).Order();
            Assert.Equal(lengths.SelectMany((length, item) => Enumerable.Range(1, Math.Max(0, length - 1)).Select(token => (item, token))), predicted);
            Assert.Equal(lengths.Count(length => length > 1), steps.Sum(step => step.Count(piece => piece.IsLast)));
            foreach (var step in steps)
            {
                Assert.All(step, piece => Assert.InRange(piece.Row, 0, Windows - 1));
                foreach (var row in step.GroupBy(piece => piece.Row))
                {
                    var end = 0;
                    foreach (var piece in row)
                    {
                        Assert.Equal(end, piece.Column);
                        end += piece.Length;
                    }

                    Assert.True(end <= Context);
                }
            }
        }
    }

    [Fact]
    public void Without_a_document_the_packing_is_that_of_a_corpus_that_never_held_it()
    {
        int[] with = [5, 12, 3, 9, 27, 4];
        int[] without = [5, 12, 3, 27, 4];
        int[] orderWith = [4, 3, 0, 2, 5, 1];
        int[] orderWithout = [3, 0, 2, 4, 1];

        // The same documents in the same order, numbered as each corpus numbers them.
        int[] retained = [.. orderWith.Where(item => item != 3)];
        var packed = WindowPacking.Pack(Source(with), retained, Context, Windows);
        var never = WindowPacking.Pack(Source(without), orderWithout, Context, Windows);
        Assert.Equal(
            never.Select(step => step.Select(piece => piece with { Item = piece.Item >= 3 ? piece.Item + 1 : piece.Item }).ToArray()),
            packed);
    }

    [Fact]
    public void Short_documents_share_windows()
    {
        var steps = WindowPacking.Pack(Source([4, 4, 4, 4, 4, 4, 4, 4, 4]), Order(9), Context, Windows);

        var step = Assert.Single(steps);
        Assert.Equal([0, 0, 0, 1, 1, 1, 2, 2, 2], step.Select(piece => piece.Row));
        Assert.Equal([0, 3, 6, 0, 3, 6, 0, 3, 6], step.Select(piece => piece.Column));
    }

    [Fact]
    public void A_document_that_just_fits_fills_the_window()
    {
        var steps = WindowPacking.Pack(Source([5, 7, 11]), Order(3), Context, Windows);

        Assert.Equal([(0, 0, 4), (0, 4, 6), (1, 0, 10)], Assert.Single(steps).Select(piece => (piece.Row, piece.Column, piece.Length)));
    }

    [Fact]
    public void A_document_without_predictions_takes_no_room() =>
        Assert.Empty(WindowPacking.Pack(Source([1, 0, 1]), Order(3), Context, Windows));

    private static int[] Order(int count) => [.. Enumerable.Range(0, count)];

    private static ListSource Source(int[] lengths) =>
        new([.. lengths.Select((length, i) => new TestItem($"{i}", -1, MemoryMarshal.AsBytes(new int[length].AsSpan()).ToArray()))]);
}
