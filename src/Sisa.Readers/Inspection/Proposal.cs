using Sisa.Readers.Formats;
using Sisa.Readers.Recipes;
using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>A proposal while it is made: what is chosen, and why.</summary>
/// <param name="paths">The files.</param>
/// <param name="given">Keys that the user set; they win.</param>
internal sealed class Proposal(IReadOnlyList<string> paths, GivenKeys given)
{
    /// <summary>Fields that a note lists at most.</summary>
    private const int ListedFields = 20;

    private readonly Dictionary<string, string> _reasons = new(StringComparer.Ordinal);
    private readonly List<string> _declared = [];
    private readonly List<Remedy> _notes = [];
    private readonly List<(string Name, string Reason)> _leftOut = [];

    /// <summary>Says why a key has its value.</summary>
    /// <param name="key">Path of the key.</param>
    /// <param name="reason">A sentence without a full stop; it holds no value of any row.</param>
    public void Explain(string key, string reason) => _reasons[key] = reason;

    /// <summary>Says that a key's value comes from the data.</summary>
    /// <param name="key">Path of the key.</param>
    public void Declare(string key) => _declared.Add(key);

    /// <summary>Adds a note for the owner.</summary>
    /// <param name="sentence">It holds no value of any row.</param>
    public void Note(Remedy sentence) => _notes.Add(sentence);

    /// <summary>Says that a field is left out.</summary>
    /// <param name="name">The field.</param>
    /// <param name="reason">Why, without a full stop.</param>
    public void LeaveOut(string name, string reason) => _leftOut.Add((name, reason));

    /// <summary>Ends the proposal: lays the user's keys over it, and reads all rows by it.</summary>
    /// <param name="recipe">The proposed recipe.</param>
    /// <param name="rows">Rows that were looked at.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="RecipeException">The user's keys contradict one another or the data.</exception>
    /// <exception cref="CorpusException">No row can be read by it.</exception>
    public InspectedRecipe Finish(Recipe recipe, long rows, CancellationToken cancellationToken)
    {
        var declared = _declared.Append("ensemble.shards").Append("corpus.fields").Where(key => !given.Has(key)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var final = RecipeReader.Parse(RecipeWriter.Write(recipe with { DeclaredAfterInspection = declared }), given.Overrides);
        var trial = Trial.Run(paths, final, cancellationToken);
        if (trial is { Read: 0 })
        {
            throw new CorpusException("The proposed recipe cannot read any row.", $"Check the file. {Step.SetKey} maps other fields.", paths[0]);
        }

        foreach (var group in _leftOut.GroupBy(field => field.Reason, StringComparer.Ordinal))
        {
            var names = group.Select(field => field.Name.Length == 0 ? "a column without a name" : RowFault.Quote(field.Name)).ToList();
            _notes.Add($"Left out, because {group.Key}: {string.Join(", ", names.Take(ListedFields))}{(names.Count > ListedFields ? $" and {names.Count - ListedFields} more" : string.Empty)}.");
        }

        if (trial is { Refused: > 0 })
        {
            _notes.Add($"This recipe reads {trial.Read:N0} of {Counted.Of(trial.Read + trial.Refused, "row")} and refuses {trial.Refused:N0}, the first at {trial.FirstRefused}. Ingest with {Step.SkipBadRows}, or correct them.");
        }

        var kept = _reasons.Where(reason => !given.Has(reason.Key)).ToDictionary(StringComparer.Ordinal);
        foreach (var key in RecipeSchema.Keys.Where(key => given.Has(key.Path)))
        {
            kept[key.Path] = "you set it";
        }

        var source = $"all {Counted.Of(rows, "row")} of {(paths.Count == 1 ? RowFault.Quote(Path.GetFileName(paths[0])) : $"{paths.Count} files")}";
        return new InspectedRecipe(final, _notes, kept, source, trial?.Refused ?? 0);
    }
}
