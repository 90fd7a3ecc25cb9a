using Sisa.Corpora;
using Sisa.Readers.Formats;
using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>Proposes a recipe for plain text: a language model, or a classifier where the user maps a label.</summary>
internal static class TextInspector
{
    /// <summary>Looks at files.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="given">Keys that the user set; they win.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static InspectedRecipe Inspect(IReadOnlyList<string> paths, GivenKeys given, CancellationToken cancellationToken)
    {
        var proposal = new Proposal(paths, given);
        var corpus = given.Recipe.Corpus with { Format = CorpusFormat.Text, Fields = new FieldOptions() };
        var label = given.Recipe.Corpus.Fields.Label;
        var map = FieldMap.OfAll(label is null ? [TextSource.TextField] : [TextSource.TextField, label], null);
        var scan = new RowScan(paths, corpus, map, cancellationToken);
        var bytes = 0L;
        var rows = scan.Read(row => bytes += row.Value(0).Length);
        if (rows == 0)
        {
            throw new CorpusException(
                scan.Bad > 0 ? $"The file holds no readable text; the first error is in {scan.FirstBad}" : "The file holds no text.", "Check that the content matches the name of the file.", paths[0]);
        }

        if (scan.Bad > 0)
        {
            proposal.Note($"{Counted.Of(scan.Bad, "line")} cannot be read; the first is {scan.FirstBad}");
        }

        var recipe = new Recipe
        {
            Name = RecipeInspector.NameOf(paths[0]),
            Corpus = corpus with { Fields = new FieldOptions { Text = [TextSource.TextField], Label = label } },
            Ensemble = ModelProposal.Shards(proposal, rows, rows, hasSubjects: false),
        };
        proposal.Explain("corpus.fields.text", corpus.TextUnit == TextUnit.Line ? "plain text: each line is an item" : "plain text: each file is an item");
        proposal.Note("Plain text names neither items nor subjects. Items are named by file and row, so the file must never be edited. If a person wrote several lines, JSON lines with a field for the person are better.");
        if (label is null && !given.IsClassifier)
        {
            proposal.Note($"Plain text has no label. To learn the names of the folders that hold the files: {Step.SetKey.With("corpus.fields.label=folder")} with the files of all folders.");
            return proposal.Finish(ModelProposal.Language(proposal, recipe, bytes), rows, cancellationToken);
        }

        if (label is null)
        {
            throw new CorpusException("Plain text has no label, and a classifier needs one.", $"{Step.SetKey.With("corpus.fields.label=folder")} takes the name of the folder that holds a file.", paths[0]);
        }

        var survey = LabelSurvey.Read(scan, new FieldStatistics(label, 1), []);
        proposal.Declare("labels");
        proposal.Explain("labels", $"the {Counted.Of(survey.Labels.Count, "value")} of '{label}' in these files");
        return proposal.Finish(ModelProposal.TextClassifier(proposal, recipe with { Labels = survey.Labels }, given), rows, cancellationToken);
    }
}
