using System.Text;
using System.Text.Json;

namespace Sisa.Checker;

/// <summary>I5: every certificate verifies and is in the log. I6: the log only grows. I7: so do the epochs in it.</summary>
internal sealed class EvidenceCheck(StoreRows store, CheckOptions options, FaultList faults)
{
    private IReadOnlyList<string> Lines => store.LogLines;

    /// <summary>Root of the tree over the first lines of a log, hexadecimal.</summary>
    public static string RootOf(IEnumerable<string> lines) =>
        Convert.ToHexStringLower(MerkleHash.Root([.. lines.Select(line => MerkleHash.Leaf(Encoding.UTF8.GetBytes(line)))]));

    public void Run()
    {
        CheckFile();
        CheckEntries();
        faults.Within("I6", "Tombstones", CheckTombstones);
        faults.Within("I6", "The head of the log", CheckHeads);
        faults.Within("I5", "Certificates", CheckCertificates);
    }

    // The file may lack what the newest transactions added, and end within a line, until the store is opened again.
    private void CheckFile()
    {
        var path = store.PathOf("evidence/log.jsonl");
        var text = File.Exists(path) ? Encoding.UTF8.GetString(Shared(path)) : string.Empty;
        var lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n')[..^1];
        faults.Unless(lines.Length <= Lines.Count && Lines.Take(lines.Length).SequenceEqual(lines), "I6", $"The evidence log's file has {lines.Length} entries and does not begin the manifest's {Lines.Count}.");
        faults.Unless(!options.IsAtRest || lines.Length == Lines.Count, "I6", $"The evidence log's file has {lines.Length} of {Lines.Count} entries.");
    }

    private void CheckEntries()
    {
        var (epoch, told) = (0L, new HashSet<(string?, string?)>());
        foreach (var line in Lines)
        {
            using var entry = JsonDocument.Parse(line);
            var now = entry.RootElement.GetProperty("epoch").GetInt64();
            faults.Unless(now >= epoch, "I7", $"In the log the epoch falls from {epoch} to {now}.");
            epoch = Math.Max(epoch, now);
            told.Add((entry.RootElement.GetProperty("event").GetString(), entry.RootElement.TryGetProperty("request", out var request) ? request.GetString() : null));
        }

        faults.Unless(epoch <= store.Epoch, "I7", $"The log tells of epoch {epoch}, the store is at {store.Epoch}.");
        foreach (var row in store.Query("SELECT id, state FROM request"))
        {
            var order = StoreRows.Order.ToList();
            foreach (var state in (string)row[1] == StoreRows.NothingHeld ? ["received", StoreRows.NothingHeld] : order.Take(order.IndexOf((string)row[1]) + 1))
            {
                faults.Unless(told.Contains((state, (string)row[0])), "I3", $"Request {row[0]} is {row[1]}, and the log does not say that it was {state}.");
            }
        }
    }

    // What was forgotten less what was taken back, in the order of the log, and nothing else.
    private void CheckTombstones()
    {
        var recorded = new HashSet<(string Kind, string Mark)>();
        foreach (var line in Lines)
        {
            using var entry = JsonDocument.Parse(line);
            if (!entry.RootElement.TryGetProperty("marks", out var marks))
            {
                continue;
            }

            foreach (var mark in marks.EnumerateArray())
            {
                var digest = mark.GetProperty("mark").GetString()!;
                recorded.RemoveWhere(known => known.Mark == digest);
                if (entry.RootElement.GetProperty("event").GetString() == "received")
                {
                    recorded.Add((mark.GetProperty("kind").GetString()!, digest));
                }
            }
        }

        recorded.SymmetricExceptWith(store.Query("SELECT kind, mark FROM tombstone").Select(row => ((string)row[0], Convert.ToHexStringLower((byte[])row[1]))));
        faults.Unless(recorded.Count == 0, "I6", $"{recorded.Count} tombstones differ from what the log records.");
    }

    private void CheckHeads()
    {
        foreach (var (size, root) in options.Memory?.Heads ?? [])
        {
            CheckHead(size, root, "seen before");
        }

        var path = store.PathOf("evidence/checkpoint");
        foreach (var note in (File.Exists(path) ? [File.ReadAllText(path)] : Array.Empty<string>()).Concat(options.EarlierHeads))
        {
            var head = SignedHead.Read(note, Signature.KeysOf(store.Folder, "log"));
            CheckHead(head.Size, Convert.ToHexStringLower(head.Root), "signed");
            faults.Unless(head.Origin == (string)store.Query("SELECT value FROM setting WHERE name = 'logOrigin'").Single()[0], "I6", "A signed head is of another log.");
        }
    }

    private void CheckHead(long size, string root, string which) =>
        faults.Unless(size <= Lines.Count && RootOf(Lines.Take((int)size)) == root, "I6", $"The head over {size} entries that was {which} is not that of the log, which has {Lines.Count}.");

    private void CheckCertificates()
    {
        var folder = store.PathOf("certificates");
        var rows = store.Query("SELECT id, form, envelope FROM certificate JOIN request ON number = request").ToDictionary(
            r => (string)r[1] == "public" ? $"{r[0]}.dsse.json" : $"{r[0]}.{r[1]}.dsse.json",
            r => (Request: (string)r[0], Envelope: (string)r[2]));
        var issuers = Signature.KeysOf(store.Folder, "certificate");
        foreach (var path in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.dsse.json") : [])
        {
            faults.Within("I5", Path.GetFileName(path), () =>
            {
                var found = CertificateContent.Read(path, issuers);
                CheckHead(found.Head.Size, Convert.ToHexStringLower(found.Head.Root), $"in {Path.GetFileName(path)}");
                faults.Unless(found.Index < Lines.Count && Lines[(int)found.Index] == found.Entry, "I5", $"{Path.GetFileName(path)} names an entry that the log does not have at its place.");
                faults.Unless(found.Epoch <= store.Epoch, "I7", $"{Path.GetFileName(path)} tells of epoch {found.Epoch}, the store is at {store.Epoch}.");
                if (!rows.TryGetValue(Path.GetFileName(path), out var row) || row.Request != found.Request)
                {
                    faults.Add("I5", $"{Path.GetFileName(path)} is about a request that has no certificate.");
                    return;
                }

                using var envelope = JsonDocument.Parse(row.Envelope);
                faults.Unless(!options.IsCertified || Convert.FromBase64String(envelope.RootElement.GetProperty("payload").GetString()!).AsSpan().SequenceEqual(found.Payload), "I5", $"{Path.GetFileName(path)} is not the newest certificate of its request.");
            });
        }

        foreach (var name in options.IsCertified ? rows.Keys.Where(name => !File.Exists(Path.Combine(folder, name))) : [])
        {
            faults.Add("I5", $"{name} is recorded and is not there.");
        }

        // State and file agree at every moment, also after a crash.
        foreach (var name in store.Query("SELECT id FROM request WHERE state = 'certified'").SelectMany(r => new[] { $"{r[0]}.dsse.json", $"{r[0]}.auditor.dsse.json" }).Where(name => !File.Exists(Path.Combine(folder, name))))
        {
            faults.Add("I5", $"{name} is not there, and its request is certified.");
        }
    }

    private static byte[] Shared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
