using System.Text;
using Sisa.Engine.Finding;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Engine.Verifying;
using Sisa.Finding;
using Sisa.Forgetting;
using Sisa.Readers.Lists;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.TestKit;

/// <summary>A random life of a store, and beside it the rows that somebody would hold who never held what was forgotten.</summary>
public sealed class RandomLife : IDisposable
{
    private readonly SeededGenerator _random;
    private readonly Recipe _recipe;
    private readonly AssignmentKey _key;
    private readonly TestStore _store;
    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TestRow> _forgotten = new(StringComparer.Ordinal);
    private readonly IShardTrainer? _real;
    private readonly HashSet<string> _forgottenAuthors = new(StringComparer.Ordinal);
    private readonly StringBuilder _log = new();
    private readonly int _authors;
    private int _rows;
    private int _requests;

    /// <summary>Begins a life.</summary>
    /// <param name="kind">Words that say what recipe: <c>text</c> or <c>mlp</c>, <c>by batch</c>, <c>by risk</c>, <c>by late risk</c>.</param>
    /// <param name="number">Which life; decides everything.</param>
    /// <param name="trainer">Who trains; the fake trainer by default.</param>
    /// <param name="change">Changes the recipe further, by random numbers.</param>
    public RandomLife(string kind, int number, IShardTrainer? trainer = null, Func<Recipe, SeededGenerator, Recipe>? change = null)
    {
        _random = new SeededGenerator(Seeds.Derive((ulong)number, "life of " + kind));
        var (shards, slices) = (1 + _random.NextInt32(4), 1 + _random.NextInt32(5));
        _recipe = kind.StartsWith("mlp", StringComparison.Ordinal) ? SmallRecipes.Mlp(shards, slices) : SmallRecipes.Text(shards, slices);
        _recipe = kind.Contains("batch", StringComparison.Ordinal) ? _recipe.ByBatch() : _recipe;
        _recipe = kind.Contains("risk", StringComparison.Ordinal) ? _recipe with { Ensemble = _recipe.Ensemble with { Shards = shards + 1 } } : _recipe;
        _recipe = kind.Contains("late risk", StringComparison.Ordinal) ? _recipe.ByLateRisk() : kind.Contains("risk", StringComparison.Ordinal) ? _recipe.ByRisk() : _recipe;
        _recipe = _recipe with { Training = _recipe.Training with { Epochs = 0.5 + (_random.NextInt32(40) / 10.0), BatchSize = 1 + _random.NextInt32(6) } };
        _recipe = change?.Invoke(_recipe, _random) ?? _recipe;
        _authors = 1 + _random.NextInt32(8);
        _key = SmallRecipes.Key(number);
        _real = trainer;
        _store = new TestStore(_recipe, _key) { RealTrainer = trainer, Trainer = NewTrainer() };
        Log($"{kind} {number}: S={_recipe.Ensemble.Shards} R={slices} epochs={_recipe.Training.Epochs}");
    }

    /// <summary>What happened, for the message of a failure.</summary>
    public string Story => _log.ToString();

    /// <summary>The store that lives.</summary>
    public TestStore Store => _store;

    /// <summary>Called between any two steps, before each stage that the fake trainer trains, and between a crash and the next opening.</summary>
    public Action? OnMoment { get; set; }

    /// <summary>Lives until the store is up to date.</summary>
    public void Run()
    {
        Ingest();
        var steps = 1 + _random.NextInt32(6);
        for (var i = 0; i < steps; i++)
        {
            Step();
        }

        Log("train");
        _store.Train();
        _store.CheckInvariants();
    }

    /// <summary>How the store differs from one that never held what was forgotten.</summary>
    public IReadOnlyList<string> Differences()
    {
        TestRow[] rows = [.. _held.Values.Select(h => h.Row with { Text = h.Text })];
        Shuffle(rows);
        return StoreAssert.Differences(FromScratch.Checkpoints(_recipe, _key, rows, realTrainer: _real), _store.Checkpoints());
    }

    /// <summary>What a full check of the store finds.</summary>
    public bool IsVerified() =>
        new Rerun(_store.Store, _real ?? _store.Trainer).Run(RerunSource.Slices, _store.Beside("scratch"), TimeSpan.Zero).IsVerified;

    public void Dispose() => _store.Dispose();

    private FakeTrainer NewTrainer() => new() { BeforeStage = (_, _) => OnMoment?.Invoke() };

    private void Step()
    {
        OnMoment?.Invoke();
        switch (_random.NextInt32(10))
        {
            case 0 or 1:
                Ingest();
                break;
            case 2:
                Log("train");
                _store.Train();
                break;
            case 3 or 4:
                Receive(_store.Store, NextRequest());
                Log("train");
                _store.Train();
                break;
            case 5 or 6:
                Log("deferred");
                Receive(_store.Store, NextRequest());
                _store.CheckInvariants(isAtRest: false);
                return;
            case 7:
                Interrupt();
                return;
            case 8:
                TrainWithLateRequest();
                break;
            default:
                Readmit();
                break;
        }

        _store.CheckInvariants();
    }

    private void Ingest()
    {
        TestRow[] rows = [.. Enumerable.Range(0, 1 + _random.NextInt32(12)).Select(_ => NextRow())];
        Log($"ingest {string.Join(' ', rows.Select(r => r.Id))}");
        // People whom the store forgot come back with new texts, on purpose.
        _store.Ingest(rows, new IngestOptions { Readmit = new TargetList([], _forgottenAuthors, []) });
        foreach (var row in rows)
        {
            _held.Add(row.Id, new Held(row));
        }
    }

    private TestRow NextRow()
    {
        var author = _random.NextInt32(_authors);
        var row = TestRow.One(_rows++, $"author-{author:000}");
        return row with
        {
            // Now and then somebody says again what another has said.
            Text = _held.Count > 0 && _random.NextInt32(4) == 0 ? _held[Pick([.. _held.Keys.Order(StringComparer.Ordinal)])].Row.Text : row.Text,
            Batch = $"b{1 + _random.NextInt32(_recipe.Ensemble.Slices)}",
            Risk = (_recipe.Corpus.Fields.Subject.Count > 0 ? author : _rows) % 2 == 0 ? "high" : "low",
        };
    }

    private ForgetRequest NextRequest()
    {
        var request = new ForgetRequest { Id = $"r{_requests++}" };
        var ids = _held.Keys.Order(StringComparer.Ordinal).ToArray();
        if (ids.Length == 0)
        {
            return request with { Items = ["nobody"] };
        }

        var isText = _recipe.HasText;
        return _random.NextInt32(isText ? 4 : 2) switch
        {
            0 => request with { Items = [.. Enumerable.Range(0, 1 + _random.NextInt32(4)).Select(_ => Pick(ids)), .. _forgotten.Keys.Take(1), "nobody"] },
            1 when _recipe.Corpus.Fields.Subject.Count > 0 => request with { Subjects = [_held[Pick(ids)].Row.Author] },
            1 => request with { Subjects = [Pick(ids)] },
            _ => request with { Spans = [.. Enumerable.Range(0, 1 + _random.NextInt32(2)).Select(_ => NextSpan(Pick(ids)))] },
        };
    }

    private ItemSpan NextSpan(string id)
    {
        var length = _held[id].CodePoints;
        var from = _random.NextInt32(length);
        return new ItemSpan(id, _random.NextInt32(8) == 0 ? new TextSpan(0, length) : new TextSpan(from, from + 1 + _random.NextInt32(length - from)));
    }

    // Finds equal texts under other ids, and forgets them with the request.
    private ForgetRequest WithDuplicates(Store store, ForgetRequest request)
    {
        string[] whole = [.. new Forgetter(store).Plan(request).Targets.Where(t => t.Span is null).Select(t => t.Item)];
        var report = new Finder(store).Duplicates(whole, MatchKind.Exact);
        return request with { Duplicates = new FoundDuplicates(MatchKind.Exact, null, report.Items, [.. report.Found.Select(f => f.Item)], report.Corpus) };
    }

    private void Receive(Store store, ForgetRequest request)
    {
        var isWithDuplicates = _recipe.HasText && request.Spans.Count == 0 && _random.NextInt32(2) == 0;
        request = isWithDuplicates ? WithDuplicates(store, request) : request;
        Log($"forget {(isWithDuplicates ? "with duplicates " : string.Empty)}{string.Join(' ', request.Items)} | {string.Join(' ', request.Subjects)} | {string.Join(' ', request.Spans.Select(s => $"{s.Item} {s.Span}"))}");
        TestStore.Receive(store, request);
        foreach (var span in request.Spans.Where(s => _held.ContainsKey(s.Item)))
        {
            _held[span.Item].Cut(span.Span);
        }

        var isBySubject = _recipe.Corpus.Fields.Subject.Count > 0;
        _forgottenAuthors.UnionWith(isBySubject ? request.Subjects : []);
        bool IsNamed(string id, Held held) => request.Items.Contains(id) || request.Subjects.Contains(isBySubject ? held.Row.Author : id);
        var texts = isWithDuplicates ? _held.Where(h => IsNamed(h.Key, h.Value)).Select(h => h.Value.Text).ToHashSet(StringComparer.Ordinal) : [];
        foreach (var (id, held) in _held.ToArray())
        {
            if (IsNamed(id, held) || texts.Contains(held.Text) || held.Text.Length == 0)
            {
                _held.Remove(id);
                _forgotten.Add(id, held.Row);
            }
        }
    }

    private void Interrupt()
    {
        var stage = 1 + _random.NextInt32(_recipe.Ensemble.Shards * _recipe.Ensemble.Slices);
        Log($"interrupted at stage {stage}");
        if (_real is not null)
        {
            InterruptReal(stage);
            return;
        }

        _store.Trainer.FailAtStage(stage);
        try
        {
            _store.Train();
        }
        catch (InjectedException)
        {
            OnMoment?.Invoke();
            _store.Reopen();
        }

        _store.Trainer = NewTrainer();
        _store.CheckInvariants(isAtRest: false);
    }

    // A real trainer has no hooks: it is cancelled by whoever watches it.
    private void InterruptReal(int stage)
    {
        using var cancellation = new CancellationTokenSource();
        try
        {
            _store.Train(new StageWatch(stage, cancellation.Cancel), cancellation.Token);
        }
        catch (InterruptedException)
        {
            _store.Reopen();
        }

        _store.CheckInvariants(isAtRest: false);
    }

    private void TrainWithLateRequest()
    {
        var stage = 1 + _random.NextInt32(_recipe.Ensemble.Shards * _recipe.Ensemble.Slices);
        Log($"train, and at stage {stage}");
        using var other = _store.OpenAgain();
        if (_real is not null)
        {
            _store.Train(new StageWatch(stage, () => Receive(other, NextRequest())));
            return;
        }

        var count = 0;
        _store.Trainer.BeforeOffer = _ =>
        {
            if (++count == stage)
            {
                Receive(other, NextRequest());
            }
        };
        _store.Trainer.AfterOffer = _ => _store.CheckInvariants(isAtRest: false);
        _store.Train();
        _store.Trainer = NewTrainer();
    }

    private void Readmit()
    {
        _store.Train();
        if (_forgotten.Count == 0)
        {
            return;
        }

        var row = _forgotten[Pick([.. _forgotten.Keys.Order(StringComparer.Ordinal)])];
        Log($"readmit {row.Id}");
        _store.Ingest([row], new IngestOptions { Readmit = new TargetList([row.Id], [], []) });
        _forgotten.Remove(row.Id);
        _held.Add(row.Id, new Held(row));
    }

    private void Shuffle(TestRow[] rows)
    {
        for (var i = rows.Length - 1; i > 0; i--)
        {
            var j = _random.NextInt32(i + 1);
            (rows[i], rows[j]) = (rows[j], rows[i]);
        }
    }

    private string Pick(string[] ids) => ids[_random.NextInt32(ids.Length)];

    private void Log(string line) => _log.AppendLine(line);

    /// <summary>A row, and which of its code points are left.</summary>
    private sealed class Held(TestRow row)
    {
        private readonly List<(int Position, Rune Rune)> _left = [.. row.Text.EnumerateRunes().Select((rune, i) => (i, rune))];

        public TestRow Row => row;

        public int CodePoints { get; } = row.Text.EnumerateRunes().Count();

        public string Text => string.Concat(_left.Select(r => r.Rune.ToString()));

        public void Cut(TextSpan span) => _left.RemoveAll(r => r.Position >= span.From && r.Position < span.To);
    }

    /// <summary>Does something when a stage ends.</summary>
    private sealed class StageWatch(int stage, Action action) : ITrainingProgress
    {
        private int _count;

        public void Waiting()
        {
            // Nobody else holds the store.
        }

        public void Begin(IReadOnlyList<ShardJob> jobs, bool environmentChanged)
        {
            // Only ends of stages count.
        }

        public void Progress(StageProgress progress)
        {
            // Only ends of stages count.
        }

        public void Finished(StageResult result)
        {
            if (++_count == stage)
            {
                action();
            }
        }

        public void Published()
        {
            // Only ends of stages count.
        }
    }
}
