using System.Security.Cryptography;
using System.Text;

namespace Sisa.Checker;

/// <summary>I3: what is called done is done. I4: what was acknowledged is there. I7: the epoch never falls.</summary>
internal sealed class RequestCheck(StoreRows store, CheckOptions options, FaultList faults)
{
    public void Run()
    {
        foreach (var row in store.Query("SELECT id, state, epoch, completed, (SELECT count(*) FROM target WHERE request = number), (SELECT count(*) FROM target WHERE request = number AND applied = 0) FROM request"))
        {
            var (id, state) = ((string)row[0], (string)row[1]);
            if (state == StoreRows.NothingHeld)
            {
                faults.Unless((long)row[4] == 0 && row[3] is string && row[2] is long now && now <= store.Epoch, "I3", $"Request {id} found nothing and names something, or not when or at which epoch it ended.");
                continue;
            }

            var (reached, done) = (Rank(state), Rank("purged"));
            faults.Unless(reached >= 0, "I3", $"Request {id} has the state '{state}'.");
            faults.Unless(reached < 1 || (row[2] is long epoch && epoch <= store.Epoch), "I3", $"Request {id} is {state}, and the bundle that it published is not served: epoch {row[2]}, now {store.Epoch}.");
            faults.Unless(reached < done || ((long)row[4] == 0 && row[3] is string), "I3", $"Request {id} is {state} and still names what it forgot, or not when it was done.");
            faults.Unless(reached < Rank("published") || (long)row[5] == 0, "I3", $"Request {id} is {state}, and slices were not rewritten without what it names.");
            faults.Unless(reached >= Rank("published") || (long)row[4] > 0, "I3", $"Request {id} is {state} and names nothing.");
            faults.Unless(!options.IsAtRest || reached >= 1, "I3", $"Request {id} is {state}: recovery has not published its fallback.");
            faults.Unless(!options.IsUpToDate || reached >= done, "I3", $"Request {id} is {state}, although everything is up to date.");
            faults.Unless(!options.IsCertified || reached < done || state == "certified", "I3", $"Request {id} is {state} and not certified.");
        }

        faults.Unless(!options.IsUpToDate || store.Query("SELECT 1 FROM setting WHERE name = 'suspended' AND value <> ''").Count == 0, "I3", "Answers are still suspended.");
        if (options.Memory is { } memory)
        {
            Remember(memory);
        }
    }

    private void Remember(StoreMemory memory)
    {
        faults.Unless(store.Epoch >= memory.Epoch, "I7", $"The epoch fell from {memory.Epoch} to {store.Epoch}.");
        var states = store.Query("SELECT id, state FROM request").ToDictionary(r => (string)r[0], r => (string)r[1]);
        foreach (var (id, state) in memory.Requests)
        {
            faults.Unless(states.TryGetValue(id, out var now), "I4", $"Request {id} was acknowledged and is lost.");
            faults.Unless(now is null || (Rank(now) >= Rank(state) && (now == StoreRows.NothingHeld) == (state == StoreRows.NothingHeld)), "I3", $"Request {id} was {state} and is only {now}.");
        }

        var marks = store.Query("SELECT mark FROM tombstone UNION SELECT mark FROM readmission").Select(r => Convert.ToHexString((byte[])r[0])).ToHashSet(StringComparer.Ordinal);
        var items = store.Query("SELECT id FROM item").Select(r => (string)r[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var id in memory.Forgotten.Keys)
        {
            faults.Unless(marks.Contains(Mark(id)), "I4", $"That {id} be forgotten was acknowledged, and no tombstone says so.");
        }

        foreach (var id in memory.Items)
        {
            faults.Unless(items.Contains(id) || marks.Contains(Mark(id)), "I4", $"That {id} was ingested was acknowledged, and it is neither there nor forgotten.");
        }
    }

    private string Mark(string id) => Convert.ToHexString(HMACSHA256.HashData(store.TombstoneKey, Encoding.UTF8.GetBytes("item\0" + id)));

    private static int Rank(string state) => StoreRows.Order.ToList().IndexOf(state);
}
