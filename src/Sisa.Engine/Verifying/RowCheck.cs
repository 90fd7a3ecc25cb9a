using System.Text;
using Sisa.Engine.Stores;
using Sisa.Sharding;
using Sisa.Storage.Manifest;
using Sisa.Storage.Slices;

namespace Sisa.Engine.Verifying;

/// <summary>Compares rows of items with the slices before a command trusts them. A row that another program changed would name the wrong person, and a removed row would let an item remain.</summary>
/// <remarks>
/// Looks at what a command names, not at everything; <see cref="SliceCheck"/> does that. Slices count as what their headers say, as long as that is the recorded root: their bytes are checked against it by whoever
/// rewrites or trains them. One that is missing or damaged is not compared, because training names it.
/// </remarks>
/// <param name="store">The store.</param>
internal sealed class RowCheck(Store store)
{
    private static readonly Remedy FromBackup = $"Another program altered the manifest. Restore the whole store folder from one backup. {Step.Recover} names all other differences.";

    /// <summary>Checks that there are as many rows as the slices hold items.</summary>
    /// <exception cref="StoreException">There are more or fewer.</exception>
    public void RequireCount()
    {
        Require(store.Manifest.Items.RowCount);
    }

    /// <summary>The same without counting: by the number that the manifest's triggers keep.</summary>
    /// <exception cref="StoreException">There are more or fewer.</exception>
    public void RequireKeptCount() => Require(store.Manifest.Items.KeptRowCount);

    private void Require(long rows)
    {
        if (store.Manifest.Items.Count is var items && rows != items)
        {
            throw new StoreException($"The manifest {store.Manifest.FilePath} lists {Counted.Of(rows, "item")}; the slices hold {items}.", FromBackup);
        }
    }

    /// <summary>Checks that every item of a slice has its row.</summary>
    /// <param name="place">The slice.</param>
    /// <param name="file">Its file, verified; <see langword="null"/> for a slice without items.</param>
    /// <param name="rows">The rows.</param>
    /// <exception cref="StoreException">One has none, or its row says something else.</exception>
    public void Require(Placement place, SliceFile? file, ItemMatcher rows)
    {
        var classes = store.Recipe.Ensemble.RiskClassNames;
        for (var i = 0; i < (file?.Count ?? 0); i++)
        {
            var record = file![i];
            if (!rows.Agrees(record.Id, record.Subject, place, record.RiskClass < 0 ? null : classes[record.RiskClass]))
            {
                throw Differ(place, Encoding.UTF8.GetString(record.Id));
            }
        }
    }

    /// <summary>Checks the rows of items and subjects: the slices must hold those that were found, and no others.</summary>
    /// <param name="items">Ids that were looked up.</param>
    /// <param name="found">Rows of those that were found, by id.</param>
    /// <param name="subjects">Subjects that were looked up.</param>
    /// <param name="bySubject">Their rows.</param>
    /// <exception cref="StoreException">A row and its slice differ, or a slice holds what has no row.</exception>
    public void Require(IReadOnlyCollection<string> items, IReadOnlyDictionary<string, ItemRow> found, IReadOnlyCollection<string> subjects, ILookup<string, ItemRow> bySubject)
    {
        byte[][] missing = [.. items.Where(id => !found.ContainsKey(id)).Select(Encoding.UTF8.GetBytes)];
        var rows = found.Values.Concat(bySubject.SelectMany(g => g)).DistinctBy(r => r.Id).ToLookup(r => r.Place);
        var named = Placed(subjects);
        foreach (var slice in store.Manifest.Slices.All())
        {
            var here = named.GetValueOrDefault(slice.Place);
            if (missing.Length > 0 || here is not null || rows.Contains(slice.Place))
            {
                Compare(slice, [.. rows[slice.Place]], missing, here, bySubject);
            }
        }
    }

    /// <summary>The same for items only.</summary>
    /// <param name="items">Ids that were looked up.</param>
    /// <param name="found">Rows of those that were found.</param>
    /// <exception cref="StoreException">A row and its slice differ, or a slice holds what has no row.</exception>
    public void RequireItems(IReadOnlyCollection<string> items, IReadOnlyList<ItemRow> found) =>
        Require(items, found.ToDictionary(r => r.Id, StringComparer.Ordinal), [], Enumerable.Empty<ItemRow>().ToLookup(r => r.Subject));

    /// <summary>The same for subjects only.</summary>
    /// <param name="subjects">Subjects that were looked up.</param>
    /// <param name="found">Their rows.</param>
    /// <exception cref="StoreException">A row and its slice differ, or a slice holds what has no row.</exception>
    public void RequireSubjects(IReadOnlyCollection<string> subjects, IReadOnlyList<ItemRow> found) =>
        Require([], new Dictionary<string, ItemRow>(), subjects, found.ToLookup(r => r.Subject, StringComparer.Ordinal));

    private void Compare(SliceRow slice, ItemRow[] rows, byte[][] missing, NamedSubjects? subjects, ILookup<string, ItemRow> bySubject)
    {
        if (slice.File is null)
        {
            if (rows.Length > 0)
            {
                throw Differ(slice.Place, rows[0].Id);
            }

            return;
        }

        using var file = Open(slice);
        if (file is null)
        {
            return;
        }

        foreach (var row in rows)
        {
            var index = file.Find(Encoding.UTF8.GetBytes(row.Id));
            if (index < 0 || !file[index].Subject.SequenceEqual(Encoding.UTF8.GetBytes(row.Subject)))
            {
                throw Differ(slice.Place, row.Id);
            }
        }

        if (Array.Find(missing, id => file.Find(id) >= 0) is { } unlisted)
        {
            throw Differ(slice.Place, Encoding.UTF8.GetString(unlisted));
        }

        if (subjects is not null)
        {
            RequireAll(slice.Place, file, subjects, bySubject);
        }
    }

    // The slices hold the rows that were found, and no further items of these subjects.
    private static void RequireAll(Placement place, SliceFile file, NamedSubjects subjects, ILookup<string, ItemRow> bySubject)
    {
        for (var i = 0; i < file.Count; i++)
        {
            var record = file[i];
            if (subjects.Find(record.Subject) is { } subject)
            {
                var id = Encoding.UTF8.GetString(record.Id);
                if (!bySubject[subject].Any(row => row.Id == id))
                {
                    throw Differ(place, id);
                }
            }
        }
    }

    // The shard and, but for batches, the slice of a subject follow from κ, also where the rows say nothing of it.
    private Dictionary<Placement, NamedSubjects> Placed(IReadOnlyCollection<string> subjects)
    {
        var placed = new Dictionary<Placement, NamedSubjects>();
        string?[] classes = store.Recipe.Ensemble.RiskClassNames is { Count: > 0 } declared ? [.. declared] : [null];
        foreach (var subject in subjects)
        {
            foreach (var (shard, slice) in classes.Select(c => store.Assignment.Find(subject, c)).Distinct())
            {
                foreach (var place in slice is { } one ? [new Placement(shard, one)] : Enumerable.Range(1, store.Recipe.Ensemble.Slices).Select(s => new Placement(shard, new SliceIndex(s))))
                {
                    if (!placed.TryGetValue(place, out var here))
                    {
                        placed.Add(place, here = new NamedSubjects());
                    }

                    here.Add(subject);
                }
            }
        }

        return placed;
    }

    private SliceFile? Open(SliceRow slice)
    {
        SliceFile? file = null;
        try
        {
            file = SliceFile.OpenUnverified(store.Layout.Absolute(slice.File!));
            if (file.Root == slice.Root)
            {
                return file;
            }
        }
        catch (StoreException)
        {
            // Missing, or no slice file any more.
        }

        file?.Dispose();
        return null;
    }

    // The message may name an id: its reader named the id, or has the store.
    private static StoreException Differ(Placement place, string id) => new($"The manifest's row of item '{id}' differs from {place}, or is missing.", FromBackup);

    /// <summary>Subjects, found again by their bytes without making a text of every other.</summary>
    private sealed class NamedSubjects
    {
        private readonly Dictionary<int, List<(byte[] Bytes, string Text)>> _byHash = [];

        public void Add(string subject)
        {
            var bytes = Encoding.UTF8.GetBytes(subject);
            var hash = HashOf(bytes);
            if (!_byHash.TryGetValue(hash, out var alike))
            {
                _byHash.Add(hash, alike = []);
            }

            alike.Add((bytes, subject));
        }

        public string? Find(ReadOnlySpan<byte> subject)
        {
            if (_byHash.TryGetValue(HashOf(subject), out var alike))
            {
                foreach (var (bytes, text) in alike)
                {
                    if (subject.SequenceEqual(bytes))
                    {
                        return text;
                    }
                }
            }

            return null;
        }

        private static int HashOf(ReadOnlySpan<byte> bytes)
        {
            var hash = default(HashCode);
            hash.AddBytes(bytes);
            return hash.ToHashCode();
        }
    }
}
