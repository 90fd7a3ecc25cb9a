using Sisa.Readers.Formats;

namespace Sisa.Readers.Inspection;

/// <summary>A field in a role, and why.</summary>
/// <param name="Field">The field.</param>
/// <param name="Reason">A sentence for the owner; it holds no value of any row.</param>
internal sealed record RoleGuess(FieldStatistics Field, string Reason);

/// <summary>Guesses which field plays which role, from names and from how values repeat; the place of a column decides only between equals.</summary>
/// <remarks>Pure. A subject is guessed only by its name: a wrong guess would forget the wrong person.</remarks>
internal sealed class FieldRoles
{
    private const int MaxLabels = 1_000;
    private const int MaxNameBytes = 200;

    /// <summary>A field without the name of a label has at most this many labels, or one in fifty rows.</summary>
    private const int MaxUnnamedLabels = 50;

    /// <summary>A subject is mapped where at most this share of the rows lacks it: such rows are refused.</summary>
    private const double MaxMissingSubjects = 0.05;

    private readonly IReadOnlyList<FieldStatistics> _fields;
    private readonly long _rows;
    private readonly bool _isNamed;

    /// <summary>Makes the guesses.</summary>
    /// <param name="fields">The statistics of the fields, in the file's order.</param>
    /// <param name="rows">Rows that could be read.</param>
    /// <param name="isNamed">Whether the names are the file's own, not <c>c1</c>, <c>c2</c>, ….</param>
    /// <param name="given">Keys that the user set; they win.</param>
    public FieldRoles(IReadOnlyList<FieldStatistics> fields, long rows, bool isNamed, GivenKeys given)
    {
        (_fields, _rows, _isNamed) = (fields, rows, isNamed);
        var chosen = given.Recipe.Corpus.Fields;
        var taken = new HashSet<FieldStatistics>(chosen.Id.Concat(chosen.Subject).Concat(chosen.Text).Append(chosen.Label).Concat([chosen.Risk, chosen.Batch]).OfType<string>().Select(Find));
        Id = given.Has("corpus.fields.id") ? Given(chosen.Id) : GuessId(taken);
        Subject = given.Has("corpus.fields.subject") ? Given(chosen.Subject) : GuessSubject(taken);
        taken.UnionWith(Id.Concat(Subject).Select(guess => guess.Field));
        Text = given.Has("corpus.fields.text") ? Given(chosen.Text) : given.IsTable ? [] : GuessText(taken);
        taken.UnionWith(Text.Select(guess => guess.Field));
        Labels = chosen.Label is { } label ? Given([label]) : given.IsLanguageModel || given.Has("corpus.fields.label") ? [] : GuessLabels(taken);
        if (!given.IsTable && Text.Count == 0 && !given.Has("corpus.fields.id") && OnlyOneToLearnFrom(taken) is { } only)
        {
            // Words to be classified, or numbers: the only thing to learn from is no mere id.
            (Id, Text) = ([.. Id.Where(guess => guess.Field != only)], only.IsNumeric ? [] : [new RoleGuess(only, "there is no other field to learn from")]);
        }
    }

    /// <summary>The field that names every row; none where there is none.</summary>
    public IReadOnlyList<RoleGuess> Id { get; }

    /// <summary>The subject field; none if there is none.</summary>
    public IReadOnlyList<RoleGuess> Subject { get; }

    /// <summary>Fields that may be the label, the likeliest first.</summary>
    public IReadOnlyList<RoleGuess> Labels { get; }

    /// <summary>The fields of the text; none for a table.</summary>
    public IReadOnlyList<RoleGuess> Text { get; }

    private IReadOnlyList<RoleGuess> Given(IReadOnlyList<string> names) => [.. names.Select(name => new RoleGuess(Find(name), "you set it"))];

    private FieldStatistics Find(string name) => _fields.FirstOrDefault(field => field.Name == name)
        ?? throw new CorpusException(
            $"There is no field {RowFault.Quote(name)}, which you named; found {string.Join(", ", _fields.Take(30).Select(field => RowFault.Quote(field.Name)))}{(_fields.Count > 30 ? ", …" : string.Empty)}.",
            "Names must match exactly. Columns of a file without a header are c1, c2, ….");

    private IReadOnlyList<RoleGuess> GuessId(HashSet<FieldStatistics> taken)
    {
        var unique = _fields.Where(field => !taken.Contains(field) && field.IsUnique && field.MaxBytes <= MaxNameBytes && field is { IsDate: false, IsContact: false, Booleans: 0 } && (!field.IsNumeric || field.IsInteger)).ToList();
        var named = unique.Where(field => FieldName.IdRank(field.Name) is not null).OrderBy(field => FieldName.IdRank(field.Name)).FirstOrDefault();
        if (named is not null)
        {
            return [new RoleGuess(named, $"its name, and {Counted.Of(_rows, "different value")} in {Counted.Of(_rows, "row")}")];
        }

        // Words come once by chance where there are few rows; numbers do where they are measured.
        var shaped = unique.Where(field => field.IsOneWord && !FieldName.IsPandasIndex(field.Name) && !(_isNamed && FieldName.IsNoId(field.Name)) && _rows >= 3
            && (field.IsInteger ? IsSequence(field) || (!_isNamed && (field == _fields[0] || field == _fields[^1])) : field.HasDigits || !_isNamed || field.MeanWords <= 1)).ToList();
        var best = shaped.Find(field => !field.IsNumeric && field.HasDigits) ?? shaped.Find(field => field.IsInteger) ?? shaped.FirstOrDefault();
        if (best is not null)
        {
            return [new RoleGuess(best, $"{Counted.Of(_rows, "different value")} in {Counted.Of(_rows, "row")}, one word each")];
        }

        return unique.Find(field => FieldName.IsPandasIndex(field.Name)) is { } index ? [new RoleGuess(index, "the index that pandas wrote; no other field names every row")] : [];
    }

    /// <summary>The field with a value of its own in nearly every row, where no other field could be a feature.</summary>
    private FieldStatistics? OnlyOneToLearnFrom(HashSet<FieldStatistics> taken)
    {
        var own = Id is [var id] ? id.Field : _fields.FirstOrDefault(field => !taken.Contains(field) && field is { IsOwn: true, IsNumeric: false, IsDate: false, IsContact: false });
        return own is not null && FieldName.IdRank(own.Name) is null && !FieldName.IsPandasIndex(own.Name)
            && !_fields.Any(field => field != own && !taken.Contains(field) && Labels.All(guess => guess.Field != field) && field.Unusable is null)
            ? own
            : null;
    }

    private static bool IsSequence(FieldStatistics field) => field.Range.Span == field.Present - 1;

    private IReadOnlyList<RoleGuess> GuessSubject(HashSet<FieldStatistics> taken)
    {
        var named = _fields
            .Where(field => !taken.Contains(field) && Id.All(guess => guess.Field != field) && field.IsScalar && field is { Distinct: >= 2, IsDate: false, Booleans: 0 } && field.MaxBytes <= MaxNameBytes && field.MeanWords <= 5
                && (!field.IsNumeric || field.IsInteger) && field.Ratio < 1 && field.Missing <= MaxMissingSubjects * _rows)
            .Select(field => (field, rank: FieldName.SubjectRank(field.Name)))
            .Where(pair => pair.rank is not null)
            .OrderBy(pair => pair.rank)
            .Select(pair => pair.field)
            .FirstOrDefault();
        return named is null ? [] : [new RoleGuess(named, $"its name is that of a person, and its {Counted.Of(named.Distinct, "different value")} name {Counted.Of(named.Present, "row")}")];
    }

    private IReadOnlyList<RoleGuess> GuessText(HashSet<FieldStatistics> taken)
    {
        var candidates = _fields.Where(field => !taken.Contains(field) && field.IsScalar && field is { IsDate: false, IsContact: false } && field.Numbers < field.Present / 2 && field.Present > _rows / 2).ToList();
        var pair = FieldName.Pair(candidates);
        if (pair.Any(field => field.IsProse) && !pair.Any(field => field.IsCategory && field.Distinct <= 20))
        {
            return [.. pair.Select(field => new RoleGuess(field, "they belong together, by their names"))];
        }

        var body = candidates.Where(field => (field.IsProse || (field.MeanWords >= 1.2 && !field.IsCategory)) && FieldName.BodyRank(field.Name) is not null).MinBy(field => FieldName.BodyRank(field.Name));
        if (body is not null)
        {
            var title = _fields.FirstOrDefault(field => !taken.Contains(field) && field.IsScalar && field.MeanWords >= 2 && field.Numbers < field.Present && FieldName.IsTitle(field.Name));
            return [.. title is null ? [] : (RoleGuess[])[new RoleGuess(title, "the title above the text")], new RoleGuess(body, $"its name, and {body.MeanWords:N0} words a row")];
        }

        var prose = candidates.Where(field => field.IsProse && !FieldName.IsAbout(field.Name)).ToList();
        var longest = prose.Select(field => field.MeanWords).DefaultIfEmpty(0).Max();
        var isTable = longest < 5 && _fields.Count(field => !taken.Contains(field) && !prose.Contains(field) && field.Unusable is null) > 3;
        return isTable ? [] : [.. prose.Select(field => new RoleGuess(field, $"free text, {field.MeanWords:N0} words a row"))];
    }

    private IReadOnlyList<RoleGuess> GuessLabels(HashSet<FieldStatistics> taken)
    {
        var candidates = _fields
            .Where(field => !taken.Contains(field) && field.IsScalar && field is { IsDate: false, IsContact: false, IsNearlyConstant: false } && field.Distinct is >= 2 and <= MaxLabels && field.MaxBytes <= MaxNameBytes
                && (field.Ratio <= 0.5 || field.Distinct == 2) && !FieldName.IsPandasIndex(field.Name) && (!field.IsNumeric || field.Distinct <= 100))
            .ToList();
        var named = candidates.Where(field => FieldName.LabelRank(field.Name) is not null).OrderBy(field => FieldName.LabelRank(field.Name)).ToList();
        var limit = Math.Max(MaxUnnamedLabels, _rows / 50);
        var others = candidates
            .Where(field => !named.Contains(field) && field.Distinct <= limit && (!field.IsNumeric || (field.IsInteger && (!_isNamed || field.Distinct <= 10))) && !(_isNamed && ((Text.Count > 0 && FieldName.IsAbout(field.Name)) || FieldName.SubjectRank(field.Name) is not null || FieldName.IsCode(field.Name))))
            .ToList();
        var guesses = named.Select(field => new RoleGuess(field, $"its name, and {Counted.Of(field.Distinct, "different value")} in {Counted.Of(field.Present, "row")}")).ToList();
        if (guesses.Count == 0)
        {
            // The label is usually the last or the first column. A column between them is taken only if no other column can be the label.
            var sole = others.Count == 1 ? others[0] : others.Where(field => !field.IsNumeric).ToList() is [var word] ? word : null;
            foreach (var (field, place) in (ReadOnlySpan<(FieldStatistics?, string)>)[(others.Find(field => field == _fields[^1]), "the last column"), (others.Find(field => field == _fields[0]), "the first column"), (sole, "no other column can be one")])
            {
                if (field is not null && guesses.TrueForAll(guess => guess.Field != field))
                {
                    guesses.Add(new RoleGuess(field, $"{Counted.Of(field.Distinct, "different value")} in {Counted.Of(field.Present, "row")}; {place}"));
                }
            }
        }

        return guesses;
    }
}
