using System.Security.Cryptography;
using System.Text;

namespace Sisa.Checker;

/// <summary>I1: no forgotten id in any lineage that the bundle reaches; once its request is published, in none that is recorded, and in no row.</summary>
internal sealed class LineageCheck(StoreRows store, FileCheck files, CheckOptions options, FaultList faults)
{
    private static readonly string[] Over = ["published", "purged", "certified"];

    private readonly Dictionary<string, string> _states = store.Query("SELECT mark, request FROM tombstone WHERE kind = 'item'")
        .ToDictionary(r => Convert.ToHexString((byte[])r[0]), r => store.States.GetValueOrDefault((long)r[1], "received"));

    /// <summary>Roots that nobody can say anything of.</summary>
    public HashSet<string> Unknown { get; } = new(StringComparer.Ordinal);

    public void Run()
    {
        var served = store.Query("SELECT checkpoint FROM bundle WHERE checkpoint IS NOT NULL").Select(r => (string)r[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var (digest, checkpoint) in files.Checkpoints)
        {
            foreach (var (id, state) in checkpoint.Lineage.SelectMany(slice => Ids(slice.Root, slice.Items)).Select(id => (id, StateOf(id))))
            {
                faults.Unless(state is null or "received" || !served.Contains(digest), "I1", $"Checkpoint {digest[..12]} is served and has seen {id}, whose request is {state}.");
                faults.Unless(!Over.Contains(state), "I1", $"Checkpoint {digest[..12]} is kept and has seen {id}, whose request is {state}.");
            }
        }

        foreach (var id in store.Query("SELECT id FROM item").Select(r => (string)r[0]))
        {
            faults.Unless(!Over.Contains(StateOf(id)), "I1", $"{id} is listed, and its request is {StateOf(id)}.");
        }

        if (options.IsUpToDate)
        {
            CheckCurrent();
        }
    }

    private string? StateOf(string id) => _states.GetValueOrDefault(Convert.ToHexString(HMACSHA256.HashData(store.TombstoneKey, Encoding.UTF8.GetBytes("item\0" + id))));

    private IReadOnlyList<string> Ids(string root, long items)
    {
        if (items == 0)
        {
            return [];
        }

        if (files.Slices.TryGetValue(root, out var ids) || (options.Memory?.Slices.TryGetValue(root, out ids) ?? false))
        {
            return ids;
        }

        Unknown.Add(root);
        return [];
    }

    // One checkpoint for each slice of each shard, over the slices as they are; the last of each shard is served.
    private void CheckCurrent()
    {
        foreach (var shard in store.Query("SELECT shard, root, items FROM slice ORDER BY shard, slice").GroupBy(r => (long)r[0]))
        {
            (string Root, long Items)[] slices = [.. shard.Select(r => (Convert.ToHexStringLower((byte[])r[1]), (long)r[2]))];
            var recorded = store.Query($"SELECT digest, lineage FROM checkpoint WHERE shard = {shard.Key} ORDER BY stage").ToArray();
            var expected = slices.Select((_, k) => CheckpointContent.DigestOf(slices.Take(k + 1)));
            faults.Unless(recorded.Select(r => (string)r[1]).SequenceEqual(expected), "I1", $"The checkpoints of shard {shard.Key} do not stand on its slices as they are.");
            var served = store.Query($"SELECT checkpoint FROM bundle WHERE shard = {shard.Key}").Select(r => r[0] as string).SingleOrDefault();
            faults.Unless(served == (slices.Sum(s => s.Items) == 0 ? null : recorded.Select(r => (string)r[0]).LastOrDefault()), "I3", $"What is served of shard {shard.Key} is not its last checkpoint.");
        }
    }
}
