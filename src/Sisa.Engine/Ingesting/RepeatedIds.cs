using System.Text;
using Sisa.Corpora;
using Sisa.Engine.Stores;
using Sisa.Sharding;

namespace Sisa.Engine.Ingesting;

/// <summary>Finds the first row, in the order of reading, whose id an earlier row or the store has.</summary>
/// <remarks>Called on the way to an error only. Sixteen bytes of hash and a few numbers an item.</remarks>
internal static class RepeatedIds
{
    private const int ChunkSize = 1000;

    /// <summary>The fault of the first such row, or <see langword="null"/> if there is none.</summary>
    /// <param name="store">The store.</param>
    /// <param name="spool">The rows read so far. Nothing can be added afterwards.</param>
    /// <param name="files">The corpus files, as the user gave them.</param>
    public static CorpusException? First(Store store, Spool spool, IReadOnlyList<string> files)
    {
        var rows = spool.Places
            .SelectMany(place => Enumerable.Range(0, spool.Records(place).Count).Select(index => (Origin: spool.Records(place).Origin(index), Place: place, Index: index)))
            .OrderBy(row => row.Origin.File).ThenBy(row => row.Origin.Row)
            .ToList();
        var seen = new Dictionary<UInt128, (int File, long Row, Placement Place)>();
        foreach (var chunk in rows.Chunk(ChunkSize))
        {
            string[] ids = [.. chunk.Select(row => Encoding.UTF8.GetString(spool.Records(row.Place)[row.Index].Id))];
            var held = store.Manifest.Items.FindById(ids).ToDictionary(item => item.Id, StringComparer.Ordinal);
            for (var i = 0; i < chunk.Length; i++)
            {
                var (origin, place, _) = chunk[i];
                if (held.TryGetValue(ids[i], out var item))
                {
                    return Fault(store, ids[i], "the store", item.Place == place, files[origin.File], origin);
                }

                if (!seen.TryAdd(HashOf(ids[i]), (origin.File, origin.Row, place)))
                {
                    var earlier = seen[HashOf(ids[i])];
                    return Fault(store, ids[i], $"{files[earlier.File]}:{earlier.Row}", earlier.Place == place, files[origin.File], origin);
                }
            }
        }

        return null;
    }

    /// <summary>The fault of a row whose id is taken.</summary>
    /// <param name="store">The store.</param>
    /// <param name="id">The id.</param>
    /// <param name="elsewhere">Where it is already.</param>
    /// <param name="isSamePlace">Whether both have one subject and batch, by their slice.</param>
    /// <param name="file">File of the row.</param>
    /// <param name="origin">Where the row is.</param>
    public static CorpusException Fault(Store store, string id, string elsewhere, bool isSamePlace, string file, (int File, long Row, long? LastRow) origin) => new(
        $"Item id '{id}' is already in {elsewhere}{(isSamePlace ? string.Empty : ", under another subject or batch")}.",
        store.Recipe.Corpus.Fields.Id.Count == 0
            ? "The recipe maps no id, so rows are named by file name and row number: rename the file, or map corpus.fields.id in the recipe of a new store."
            : isSamePlace ? Remedy.Of($"Ids must be unique. Correct the row, or skip such rows with {Step.SkipBadRows}.") : "Ids must be unique over all subjects and batches. Correct one of the rows.",
        file,
        origin.Row)
    {
        LastRow = origin.LastRow,
        Reason = RowFaultReason.Duplicate,
    };

    private static UInt128 HashOf(string id)
    {
        var digest = Digest.Of(Encoding.UTF8.GetBytes(id)).ToBytes();
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }
}
