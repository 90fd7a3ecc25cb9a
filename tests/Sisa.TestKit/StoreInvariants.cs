using System.Security.Cryptography;
using System.Text;
using Sisa.Checker;

namespace Sisa.TestKit;

/// <summary>What must hold of every store: what the checker finds in rows and files, and what the fake trainer knows besides.</summary>
public static class StoreInvariants
{
    /// <summary>Checks a store.</summary>
    /// <param name="store">Its folder.</param>
    /// <param name="isAtRest">Whether it has been recovered, so that no file may be left over.</param>
    /// <param name="trainerTells">Whether every checkpoint comes from the fake trainer, which knows what each has seen.</param>
    /// <exception cref="InvalidOperationException">Something does not hold; the message lists everything.</exception>
    public static void Check(string store, bool isAtRest, bool trainerTells = true)
    {
        StoreChecker.Check(store, new CheckOptions { IsAtRest = isAtRest }).Demand();
        if (trainerTells)
        {
            CheckSeen(store);
        }
    }

    // A checkpoint tells of its lineage; the trainer saw what was really in it. A mistake in between would show here alone.
    private static void CheckSeen(string store)
    {
        using var connection = StoreFiles.Open(store);
        var faults = new List<string>();
        var key = Convert.FromHexString(File.ReadAllText(Path.Combine(store, "keys", "tombstone.key")).Trim());
        var states = StoreFiles.Rows(connection, "SELECT mark, state FROM tombstone JOIN request ON number = request WHERE kind = 'item'")
            .ToDictionary(r => Convert.ToHexString((byte[])r[0]), r => (string)r[1]);
        var served = StoreFiles.Rows(connection, "SELECT checkpoint FROM bundle WHERE checkpoint IS NOT NULL").Select(r => (string)r[0]).ToHashSet();
        foreach (var digest in StoreFiles.Rows(connection, "SELECT digest FROM checkpoint").Select(r => (string)r[0]))
        {
            if (FakeTrainer.Seen(Digest.Parse(digest)) is not { } seen)
            {
                faults.Add($"Nobody knows what checkpoint {digest} has seen.");
                continue;
            }

            foreach (var (item, state) in seen.Select(item => (item, states.GetValueOrDefault(Convert.ToHexString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes("item\0" + item.Id)))))))
            {
                if (state is "published" or "purged" or "certified" || (state == "fallback-published" && served.Contains(digest)))
                {
                    faults.Add($"Checkpoint {digest} has seen {item.Id}, whose request is {state}.");
                }
            }
        }

        if (faults.Count > 0)
        {
            throw new InvalidOperationException(string.Join("\n", faults));
        }
    }
}
