using System.Text.Json.Nodes;
using Sisa.Engine.Reporting;
using Sisa.Engine.Stores;
using Sisa.Forgetting;
using Sisa.Serving;

/// <summary>The test of exactness for a model of one's own: whatever happens to a store, it ends in the bytes of a store that never held what was forgotten.</summary>
internal static class Lives
{
    /// <summary>Lives a number of random lives and compares each end with a training from scratch.</summary>
    /// <returns>How many ended in equal bytes.</returns>
    public static async Task<int> Live(int lives, string folder)
    {
        var points = File.ReadAllLines("points.jsonl").Select(line => new Point(line)).ToList();
        var equal = 0;
        for (var life = 0; life < lives; life++)
        {
            equal += await Live(new Random(life), points, Path.Combine(folder, $"life-{life}")) ? 1 : 0;
        }

        return equal;
    }

    private static async Task<bool> Live(Random chance, List<Point> points, string folder)
    {
        Directory.CreateDirectory(folder);
        var waiting = new Queue<Point>(points.OrderBy(_ => chance.Next()));
        var held = new List<Point>();
        var completions = new List<Task>();
        await using var store = await SisaStore.CreateAsync(Path.Combine(folder, "store"), "sisa.yaml");
        await Ingest();
        for (var step = 0; step < 6; step++)
        {
            switch (chance.Next(4))
            {
                case 0 when waiting.Count > 0:
                    await Ingest();
                    break;
                case 1:
                    await store.TrainAsync();
                    break;
                case 2 when held.Count > 0:
                    var item = held[chance.Next(held.Count)];
                    completions.Add((await store.ForgetAsync(new ForgetRequest { Items = [item.Id] })).Completion);
                    held.Remove(item);
                    break;
                case 3 when held.Count > 0:
                    var owner = held[chance.Next(held.Count)].Owner;
                    completions.Add((await store.ForgetAsync(ForgetRequest.OfSubject(owner))).Completion);
                    held.RemoveAll(point => point.Owner == owner);
                    waiting = new Queue<Point>(waiting.Where(point => point.Owner != owner));
                    break;
                default:
                    break;
            }
        }

        await Task.WhenAll(completions);
        await store.TrainAsync();
        return Text(await store.StatusAsync()) == Text(await Scratch(folder, held));

        async Task Ingest()
        {
            var rows = Enumerable.Range(0, Math.Min(waiting.Count, 8 + chance.Next(24))).Select(_ => waiting.Dequeue()).ToList();
            var file = Path.Combine(folder, $"rows-{held.Count}-{waiting.Count}.jsonl");
            await File.WriteAllLinesAsync(file, rows.Select(row => row.Line));
            await store.IngestAsync([file]);
            held.AddRange(rows);
        }
    }

    // A store of the same recipe and the same assignment key that holds the retained points and never held another.
    private static async Task<StatusReport> Scratch(string folder, List<Point> points)
    {
        var scratch = Path.Combine(folder, "scratch");
        using (var known = Store.Open(Path.Combine(folder, "store")))
        {
            Store.Create(scratch, known.Recipe, known.Key).Dispose();
        }

        var file = Path.Combine(folder, "retained.jsonl");
        await File.WriteAllLinesAsync(file, points.Select(point => point.Line));
        await using var store = await SisaStore.OpenAsync(scratch);
        if (points.Count > 0)
        {
            await store.IngestAsync([file]);
        }

        await store.TrainAsync();
        return await store.StatusAsync();
    }

    private static string Text(StatusReport status) => string.Join('\n', status.Checkpoints.Select(checkpoint => $"{checkpoint.Shard} {checkpoint.Slice} {checkpoint.Digest}"));

    private sealed record Point(string Line)
    {
        public string Id { get; } = JsonNode.Parse(Line)!["id"]!.GetValue<string>();

        public string Owner { get; } = JsonNode.Parse(Line)!["owner"]!.GetValue<string>();
    }
}
