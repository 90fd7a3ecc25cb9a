using Sisa.Evaluation.Classification;

namespace Sisa.Evaluation.Tests.Classification;

public sealed class ClassificationTallyTests
{
    [Fact]
    public void Figures_are_those_of_a_worked_example()
    {
        var tally = new ClassificationTally(3);
        tally.Add(0, 0, [0.8f, 0.1f, 0.1f]);
        tally.Add(0, 1, [0.4f, 0.5f, 0.1f]);
        tally.Add(1, 1, [0.1f, 0.9f, 0f]);
        var figures = tally.Figures();

        // Label 2 neither occurs nor is chosen. Label 0: precision 1, recall 1/2; label 1: precision 1/2, recall 1.
        Assert.Equal(3, figures.Items);
        Assert.Equal(2 / 3.0, figures.Accuracy, 9);
        Assert.Equal(2 / 3.0, figures.MacroF1, 9);
        Assert.Equal(-(Math.Log(0.8) + Math.Log(0.4) + Math.Log(0.9)) / 3, figures.LogLoss, 6);
        Assert.Equal((0.2 + 0.5 + 0.1) / 3, figures.CalibrationError, 6);
        Assert.Throws<InvalidOperationException>(() => new ClassificationTally(2).Figures());
    }

    [Fact]
    public void A_confusion_table_of_very_many_labels_holds_the_rows_that_occur()
    {
        const int Labels = 50_000;
        var table = new ConfusionTable(Labels);
        table.Add(Labels - 1, 7);
        table.Add(Labels - 1, 7);
        table.Add(3, 3);

        Assert.Equal((2L, 1L, 0L), (table.Row(Labels - 1)[7], table.Row(3)[3], table.Row(4)[0]));
        Assert.Equal(3, Enumerable.Range(0, Labels).Sum(label => label is 3 or (Labels - 1) ? table.Row(label).Sum() : 0));
        var tally = new ClassificationTally(Labels);
        tally.Add(Labels - 1, Labels - 1, Enumerable.Repeat(1f / Labels, Labels).ToArray());
        Assert.Equal(1, tally.Figures().MacroF1);
    }
}
