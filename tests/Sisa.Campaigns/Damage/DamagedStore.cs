using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Sisa.Engine.Certifying;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Publishing;
using Sisa.Engine.Recovering;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Engine.Verifying;
using Sisa.Storage.Checkpoints;
using Sisa.TestKit;

namespace Sisa.Campaigns.Damage;

/// <summary>Does with a damaged store what its owner would do, and keeps what it was told.</summary>
/// <param name="folder">The store.</param>
/// <param name="template">What it was made of.</param>
internal sealed class DamagedStore(string folder, DamageTemplate template) : IDisposable
{
    private static readonly string[] Lasting =
    [
        "SELECT name, value FROM setting WHERE name NOT IN ('epoch', 'withdrawn', 'seal', 'logAgreed') ORDER BY name",
        "SELECT * FROM item ORDER BY id",
        "SELECT shard, slice, file, hex(root), items FROM slice ORDER BY shard, slice",
        "SELECT * FROM checkpoint ORDER BY digest",
        "SELECT * FROM bundle ORDER BY shard",
        "SELECT number, id, state, reason, policy, received, due, waits, completed, hex(content) FROM request ORDER BY number",
        "SELECT hex(mark), kind, request FROM tombstone ORDER BY mark",
        "SELECT * FROM cut ORDER BY item, span_from",
        "SELECT * FROM export ORDER BY number",
        "SELECT hex(mark), at FROM readmission ORDER BY number",
        "SELECT json_extract(line, '$.event'), json_extract(line, '$.request') FROM log_entry WHERE json_extract(line, '$.event') <> 'bundle-published' ORDER BY number",
    ];

    // A commitment has a nonce, and how many bytes were searched follows from how long the files are.
    private static readonly string[] OfTheMoment =
    [
        "SELECT name, value FROM setting WHERE name IN ('epoch', 'withdrawn') ORDER BY name",
        "SELECT number, epoch, json_remove(summary, '$.bundleBefore', '$.purge.bytesSearched') FROM request ORDER BY number",
        "SELECT json_extract(line, '$.event'), json_extract(line, '$.request'), json_extract(line, '$.epoch') FROM log_entry ORDER BY number",
    ];

    private Store? _store;

    /// <summary>What was complained of, in the order in which it was.</summary>
    public List<string> Told { get; } = [];

    /// <summary>Checkpoints that were served at some time.</summary>
    public HashSet<string> Served { get; } = [];

    /// <summary>Whether recovery dropped checkpoints, to be trained again.</summary>
    public bool IsMended { get; private set; }

    /// <summary>Opens, serves, recovers, serves, trains, certifies, serves, verifies; ends where the store cannot be opened.</summary>
    public void Live()
    {
        if (!Try(Open))
        {
            return;
        }

        Try(Serve);
        Try(Recover);
        Try(Serve);
        Try(() => new Reconciler(_store!, new FakeTrainer()).BringUpToDate(TimeSpan.Zero));
        Try(Certify);
        Try(Serve);
        Try(Check);
        Try(OfferForgotten);
        Try(Rerun);
    }

    /// <summary>Everything that the store is in the end.</summary>
    /// <param name="isWhole">Whether epochs and figures count, which a mended checkpoint changes.</param>
    public string Describe(bool isWhole)
    {
        var text = new StringBuilder();
        foreach (var query in Lasting.Concat(isWhole ? OfTheMoment : []))
        {
            text.AppendLine(query);
            foreach (var row in StoreFiles.Rows(folder, query))
            {
                text.AppendLine(string.Join('|', row.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture))));
            }
        }

        foreach (var file in StoreFiles.All(folder).Where(f => f.StartsWith("slices/", StringComparison.Ordinal) || f.StartsWith("checkpoints/", StringComparison.Ordinal)))
        {
            text.AppendLine($"{file} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, file))))}");
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => _store?.Dispose();

    // A clear error is an answer; anything else that is thrown is a fault of the program.
    private bool Try(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception e) when (e is SisaException or SqliteException)
        {
            Told.Add($"{e.GetType().Name}: {e.Message}");
            return false;
        }
    }

    // As every command does it: what was received and not served yet is taken out of service first.
    private void Open()
    {
        _store = Store.Open(folder, new TestClock());
        new BundlePublisher(_store).PublishFallbacks();
    }

    // As 'predict' does it: what is served is read, and its digest compared before anything is believed.
    private void Serve()
    {
        if (_store!.Manifest.Settings.IsSuspended)
        {
            return;
        }

        var served = _store.Manifest.Bundle.Served();
        foreach (var checkpoint in _store.Manifest.Checkpoints.All().Where(c => served.TryGetValue(c.Place.Shard, out var digest) && digest == c.Digest))
        {
            using var content = CheckpointFile.Read(_store.Layout.Absolute(checkpoint.File), checkpoint.Digest);
            var seen = FakeTrainer.Seen(checkpoint.Digest);
            CampaignCase.Demand(seen is not null, $"{checkpoint.File} is served, and nobody ever trained it.");
            var forgotten = seen!.Where(item => template.Forgotten.Contains(item.Id)).Select(item => item.Id).ToArray();
            CampaignCase.Demand(forgotten.Length == 0, $"{checkpoint.File} is served, and has seen {string.Join(", ", forgotten)}.");
            Served.Add(checkpoint.Digest.ToString());
        }
    }

    private void Recover()
    {
        var report = new Recovery(_store!).Run(TimeSpan.Zero);
        IsMended = report.DamagedCheckpoints > 0;
        Told.AddRange(report.DamagedSlices ?? []);
    }

    private void Certify()
    {
        if (Certifier.IsNeeded(_store!) || Certifier.IsDamaged(_store!))
        {
            using var keys = KeyRing.Open(_store!.Layout, () => string.Empty);
            new Certifier(_store, keys, TimeSpan.Zero).Run();
        }
    }

    private void Check() => Told.AddRange(new StoreCheck(_store!).Run(TimeSpan.Zero));

    // Whatever was complained of: what was forgotten must not come in again unnoticed.
    private void OfferForgotten()
    {
        using var beside = new TempFolder();
        var row = TestRow.One(3, "author-003");
        try
        {
            new Ingestor(_store!).Ingest([TestRow.Write(beside["again.jsonl"], [row])], new IngestOptions());
        }
        catch (CorpusException)
        {
            return;
        }

        CampaignCase.Demand(Told.Count > 0, $"{row.Id} was forgotten, and is let in again without a word.");
    }

    private void Rerun()
    {
        using var scratch = new TempFolder();
        var report = new Rerun(_store!, new FakeTrainer()).Run(RerunSource.Slices, scratch["rerun"], TimeSpan.Zero);
        Told.AddRange(report.Faults);
        if (!report.IsVerified)
        {
            Told.Add("The rerun does not agree.");
        }
    }
}
