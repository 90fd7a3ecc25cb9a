using Sisa.Corpora;
using Sisa.Models;
using Sisa.Readers.Formats;
using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>Proposes a recipe for files of rows with fields: JSONL, CSV, Parquet.</summary>
internal sealed class RowInspector
{
    /// <summary>Different values that are kept of all fields together, and of the id.</summary>
    private const int MaxValues = 2_000_000;

    private const int MinFieldValues = 2_000;
    private const int MaxFieldValues = 200_000;

    private readonly IReadOnlyList<string> _paths;
    private readonly GivenKeys _given;
    private readonly Proposal _proposal;
    private readonly FieldDiscovery _discovered;
    private readonly RowScan _scan;
    private readonly List<FieldStatistics> _fields;
    private readonly long _rows;
    private readonly FieldRoles _roles;

    private RowInspector(IReadOnlyList<string> paths, CorpusFormat format, GivenKeys given, CancellationToken cancellationToken)
    {
        (_paths, _given, _proposal) = (paths, given, new Proposal(paths, given));
        _discovered = FieldDiscovery.Discover(paths, format, given, cancellationToken);
        var map = FieldMap.OfAll(_discovered.Names, _discovered.VectorField);
        _scan = new RowScan(paths, _discovered.Corpus, map, cancellationToken);
        _fields = [.. map.Names.Select(name => new FieldStatistics(name, Math.Clamp(MaxValues / Math.Max(1, map.Names.Count), MinFieldValues, MaxFieldValues)))];
        _rows = _scan.Read(row =>
        {
            for (var slot = 0; slot < _fields.Count; slot++)
            {
                _fields[slot].Add(row, slot);
            }
        });
        if (_rows == 0)
        {
            throw new CorpusException("The file holds no readable rows.", "Check that the content matches the name of the file.", paths[0]);
        }

        _roles = new FieldRoles(_fields, _rows, _discovered.IsNamed, given);
    }

    /// <summary>Makes the proposal.</summary>
    /// <param name="paths">The files, all of one form.</param>
    /// <param name="format">Their format.</param>
    /// <param name="given">Keys that the user set; they win.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static InspectedRecipe Inspect(IReadOnlyList<string> paths, CorpusFormat format, GivenKeys given, CancellationToken cancellationToken)
    {
        var inspector = new RowInspector(paths, format, given, cancellationToken);
        return inspector._proposal.Finish(inspector.Propose(), inspector._rows, cancellationToken);
    }

    private Recipe Propose()
    {
        DescribeFile();
        var id = ChooseId();
        var subject = ChooseSubject();
        var (label, survey) = ChooseLabel(subject.Count > 0 ? subject : id);
        RequireSomethingToLearn(label);
        var text = _roles.Text.Select(guess => guess.Field).ToList();
        var shape = ModelProposal.Shards(_proposal, _rows, subject.Count == 1 ? subject[0].Distinct : _rows, subject.Count > 0);
        var recipe = new Recipe
        {
            Name = RecipeInspector.NameOf(_paths[0]),
            Corpus = _discovered.Corpus with
            {
                Fields = new FieldOptions
                {
                    Id = Names(id),
                    Subject = Names(subject),
                    Text = Names(text),
                    Joining = Math.Max(id.Count, Math.Max(subject.Count, text.Count)) > 1 ? FieldJoining.Escaped : FieldJoining.Plain,
                    Label = label?.Name,
                },
            },
            Labels = survey?.Labels ?? [],
            Ensemble = shape,
        };
        if (text.Count > 0)
        {
            _proposal.Explain("corpus.fields.text", string.Join("; ", _roles.Text.GroupBy(guess => guess.Reason, guess => RowFault.Quote(guess.Field.Name)).Select(part => $"{string.Join(", ", part)}: {part.Key}")));
        }

        var others = _fields.Except(id).Except(subject).Except(text).Where(field => field != label).ToList();
        if (text.Count > 0)
        {
            LeaveOutOthers(others, label);
            return label is null ? ModelProposal.Language(_proposal, recipe, text.Sum(field => field.Bytes)) : ModelProposal.TextClassifier(_proposal, recipe, _given);
        }

        return Table(recipe, others, label!);
    }

    private Recipe Table(Recipe recipe, List<FieldStatistics> others, FieldStatistics label)
    {
        var table = new TableFeatures(others, _rows);
        foreach (var (name, reason) in table.LeftOut)
        {
            LeaveOut(name, reason);
        }

        if (table.Features is { Numbers.Count: 0, Categories: null, Vector: null } && !_given.IsTable)
        {
            throw new CorpusException(
                $"Beside the label {RowFault.Quote(label.Name)}, no field is useful: {string.Join("; ", table.LeftOut.Take(10).Select(field => $"{RowFault.Quote(field.Name)}: {field.Reason}"))}.",
                $"Name one: {Step.SetKey.With("corpus.fields.text=NAME")} for texts, {Step.SetKey.With("features.categories.fields=NAME")} for categories.",
                _paths[0]);
        }

        foreach (var (key, reason) in table.Reasons)
        {
            _proposal.Explain(key, reason);
        }

        table.Declared.ForEach(_proposal.Declare);
        table.Notes.ForEach(note => _proposal.Note(note));
        _proposal.Explain("model.kind", "a table: no field holds texts");
        return recipe with { Features = table.Features, Model = new MlpOptions() };
    }

    private void DescribeFile()
    {
        if (_discovered.Corpus.Format == CorpusFormat.Csv)
        {
            _proposal.Explain("corpus.delimiter", "it cuts the rows into equal numbers of columns");
            _proposal.Explain("corpus.header", "the first line looks like a row, not like column names: the columns are called c1, c2, …");
            if (!_discovered.Corpus.Header && !_given.Has("corpus.header"))
            {
                _proposal.Note("The first line looks like a row, not like column names. The columns are called c1, c2, ….");
            }
        }

        if (_scan.Bad > 0)
        {
            _proposal.Note($"{Rows(_scan.Bad)} cannot be read; the first is {_scan.FirstBad}");
        }

        foreach (var (name, reason) in _discovered.LeftOut)
        {
            _proposal.LeaveOut(name, reason);
        }
    }

    private IReadOnlyList<FieldStatistics> ChooseId()
    {
        var id = _roles.Id.Select(guess => guess.Field).ToList();
        if (id.Count > 0)
        {
            int[] slots = [.. id.Select(_scan.SlotOf)];
            var values = new DistinctSample(MaxValues);
            _scan.Read(row => values.Add(LabelSurvey.HashOf(row, slots)));
            var isGiven = _given.Has("corpus.fields.id");
            if (values.Ratio < 1)
            {
                _proposal.Note($"{string.Join(" and ", id.Select(field => RowFault.Quote(field.Name)))} names some rows twice{(isGiven ? ", and an id must name one row" : " and cannot be the id")}.");
            }
            else if (!values.IsExact)
            {
                _proposal.Note($"At least {values.Ratio * MaxValues / 2:N0} ids, taken from all rows, were checked for duplicates.");
            }

            if (values.Ratio == 1 || isGiven)
            {
                _proposal.Explain("corpus.fields.id", _roles.Id[0].Reason);
                return id;
            }
        }

        if (_fields.Find(field => FieldName.IdRank(field.Name) == 0 && field is { IsUnique: false, IsScalar: true }) is { } repeated)
        {
            _proposal.Note($"{RowFault.Quote(repeated.Name)} alone does not identify a row: {Rows(repeated.Present)} share {Counted.Of(repeated.Distinct, "value")}{(repeated.Missing > 0 ? $", and {Rows(repeated.Missing)} have none" : string.Empty)}.");
        }

        _proposal.Note("No field identifies every row, so items are named by file and row. Such ids stay the same only while the file is neither edited nor renamed.");
        return [];
    }

    private IReadOnlyList<FieldStatistics> ChooseSubject()
    {
        if (_roles.Subject.Count > 0)
        {
            var field = _roles.Subject[0].Field;
            _proposal.Explain("corpus.fields.subject", _roles.Subject[0].Reason);
            if (field.Missing > 0)
            {
                _proposal.Note($"{Rows(field.Missing)} {(field.Missing == 1 ? "has" : "have")} no {RowFault.Quote(field.Name)}, which is the subject, and {(field.Missing == 1 ? "is" : "are")} refused.");
            }

            return [.. _roles.Subject.Select(guess => guess.Field)];
        }

        var gaps = _fields.Find(field => field.IsScalar && field.Missing > 0 && field.Ratio < 1 && FieldName.SubjectRank(field.Name) is not null);
        _proposal.Note(gaps is null
            ? "No field looks like a person, so every item is its own subject. Map corpus.fields.subject if a field tells whose item a row is."
            : $"{RowFault.Quote(gaps.Name)} looks like a person, but {Rows(gaps.Missing)} have none. It is not mapped, and every item is its own subject. Complete the field, or map it as corpus.fields.subject and lose those rows.");
        return [];
    }

    private (FieldStatistics? Label, LabelSurvey? Survey) ChooseLabel(IReadOnlyList<FieldStatistics> subject)
    {
        foreach (var (field, reason) in _roles.Labels)
        {
            var survey = LabelSurvey.Read(_scan, field, subject);
            if (survey.Labels.Count < 2 && !_given.Has("labels"))
            {
                _proposal.Note($"{RowFault.Quote(field.Name)} is not used as the label: fewer than two of its values are shared by several subjects.");
                continue;
            }

            _proposal.Explain("corpus.fields.label", reason);
            if (!_given.Has("labels"))
            {
                _proposal.Declare("labels");
                _proposal.Explain("labels", $"the {Counted.Of(survey.Labels.Count, "value")} of {RowFault.Quote(field.Name)} that more than one subject has");
                NoteLosses(field, survey);
            }

            return (field, survey);
        }

        return (null, null);
    }

    private void NoteLosses(FieldStatistics field, LabelSurvey survey)
    {
        if (survey.Single > 0)
        {
            _proposal.Note($"{survey.Single} of {survey.All} labels each belong to a single subject and were left out, because a declared label stays after its subject is forgotten. "
                + $"Rows with such a label are refused. Use {Step.SkipBadRows}, or declare the labels if their existence may stay known.");
        }

        if (survey.Missing > 0)
        {
            _proposal.Note($"{Rows(survey.Missing)} {(survey.Missing == 1 ? "has" : "have")} no label and {(survey.Missing == 1 ? "is" : "are")} refused. Use {Step.SkipBadRows}, or leave them out.");
        }

        if (survey.Several > 0)
        {
            _proposal.Note($"{Rows(survey.Several)} hold several labels in {RowFault.Quote(field.Name)}, and a classifier takes one label an item. They are refused. Use {Step.SkipBadRows}, or give each row its most important label.");
        }
    }

    private void RequireSomethingToLearn(FieldStatistics? label)
    {
        var isText = _roles.Text.Count > 0;
        if ((label is not null && !_given.IsLanguageModel) || (isText && !_given.IsClassifier))
        {
            return;
        }

        if (!isText && _discovered.Nested.Values.FirstOrDefault(nested => nested.IsChat) is { } chat)
        {
            throw new CorpusException(
                $"Field {RowFault.Quote(chat.Name)} holds the turns of conversations, and a text is one plain field.",
                $"Turn them into texts, then inspect ROWS.jsonl: {chat.Command(_discovered.IsGzip, _discovered.Names)}",
                _paths[0]);
        }

        if (_given.IsLanguageModel)
        {
            throw new CorpusException("No field holds texts, and a language model needs texts.", $"Name a field of texts: {Step.SetKey.With("corpus.fields.text=NAME")}.", _paths[0]);
        }

        var few = _fields.Where(field => field.IsCategory && _roles.Id.Concat(_roles.Subject).All(guess => guess.Field != field)).Select(field => RowFault.Quote(field.Name)).Take(10).ToList();
        var nested = _discovered.Nested.Values.Select(field => (field.Name, field.Description, Command: field.Command(_discovered.IsGzip, _discovered.Names))).FirstOrDefault(field => field.Command is not null);
        throw new CorpusException(
            isText ? "No field can be identified as the label." : $"No field can be identified as the label, and none holds texts{(nested.Name is null ? string.Empty : $"; {RowFault.Quote(nested.Name)}: {nested.Description}")}.",
            few.Count > 0 ? Remedy.Of($"Name the label: {Step.SetKey.With("corpus.fields.label=NAME")}. These fields have few different values: {string.Join(", ", few)}.")
            : nested.Command is not null ? Remedy.Of($"Turn it into plain fields, then inspect ROWS.jsonl: {nested.Command}")
            : Remedy.Of($"A classifier needs a column of few different values that many rows share; {Step.SetKey.With("corpus.fields.label=NAME")} names it. A language model needs texts: {Step.SetKey.With("corpus.fields.text=NAME")}."),
            _paths[0]);
    }

    private void LeaveOutOthers(List<FieldStatistics> others, FieldStatistics? label)
    {
        foreach (var field in others)
        {
            LeaveOut(field.Name, field switch
            {
                { Unusable: { } reason, IsProse: false } => reason,
                _ when FieldName.IsPandasIndex(field.Name) => "it is the index that pandas wrote",
                { IsOwn: true, IsProse: false } => "nearly every row has a value of its own",
                _ => "an item is a text, or a table without texts",
            });
        }

        if (label is null && others.Where(field => field.IsCategory).Select(field => RowFault.Quote(field.Name)).Take(10).ToList() is { Count: > 0 } few)
        {
            _proposal.Note($"No field looks like a label, so the model learns from the texts alone. To classify instead: {Step.SetKey.With("corpus.fields.label=NAME")}. These fields have few different values: {string.Join(", ", few)}.");
        }
    }

    /// <summary>Nested fields are named with what makes plain ones of them.</summary>
    private void LeaveOut(string name, string reason)
    {
        if (_discovered.Nested.GetValueOrDefault(name) is { } nested)
        {
            _proposal.LeaveOut(name, nested.Description + (nested.Command(_discovered.IsGzip, _discovered.Names) is { } command ? $"; this turns it into plain fields: {command}" : string.Empty));
        }
        else
        {
            _proposal.LeaveOut(name, reason);
        }
    }

    private static IReadOnlyList<string> Names(IReadOnlyList<FieldStatistics> fields) => [.. fields.Select(field => field.Name)];

    private static string Rows(long rows) => Counted.Of(rows, "row");
}
