using System.Collections.Concurrent;
using Sisa.Engine.Recovering;
using Sisa.Engine.Stores;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Campaigns.Faults;

/// <summary>The engine with the fake trainer: harmed as <see cref="Subject"/>, recovered within this process.</summary>
public sealed class EngineProduct : IProduct
{
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<Placement, byte[]>> _expected = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public SubjectResult Start(string folder, FaultPlan plan, IReadOnlyList<string> arguments, string? trace = null) =>
        SubjectRun.Start(Path.Combine(AppContext.BaseDirectory, "Sisa.Campaigns"), folder, plan, ["subject", .. arguments], trace);

    /// <inheritdoc/>
    public SubjectResult Repeat(string folder, IReadOnlyList<string> arguments)
    {
        using var errors = new StringWriter();
        using var output = new StringWriter();
        var code = Subject.Run([.. arguments], output, errors);
        return new SubjectResult(code, output.ToString(), errors.ToString(), 0, 0);
    }

    /// <inheritdoc/>
    public bool HasReceived(string said) => said.Contains("received later\n", StringComparison.Ordinal);

    /// <inheritdoc/>
    public void Recover(string folder)
    {
        using var store = Store.Open(folder, new TestClock());
        new Recovery(store).Run(TimeSpan.Zero);
        Subject.Certify(store);
    }

    /// <inheritdoc/>
    public void Train(string folder)
    {
        using var store = Store.Open(folder, new TestClock());
        Subject.Train(store);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Differences(string folder)
    {
        var ids = StoreFiles.Rows(folder, "SELECT id FROM item ORDER BY id").Select(r => (string)r[0]).ToArray();
        var cuts = StoreFiles.Rows(folder, "SELECT item, span_from, span_to FROM cut")
            .ToLookup(r => (string)r[0], r => new TextSpan((int)(long)r[1], (int)(long)r[2]))
            .ToDictionary(cut => cut.Key, cut => new CutRanges(cut), StringComparer.Ordinal);
        var expected = _expected.GetOrAdd(
            $"{string.Join(' ', ids)} {string.Join(' ', cuts.Keys)}",
            _ => FromScratch.Checkpoints(Scene.Recipe, SmallRecipes.Key(), [.. ids.Select(Scene.Row).Select(r => cuts.TryGetValue(r.Id, out var cut) ? r with { Text = new CutRanges([]).Apply(r.Text, cut) } : r)]));
        return StoreAssert.Differences(expected, StoreFiles.Checkpoints(folder));
    }
}
