using Sisa.Forgetting;

namespace Sisa.Campaigns.LifeCycle;

/// <summary>A request as the model knows it.</summary>
/// <param name="id">Its name.</param>
/// <param name="asked">What was asked, in a form of its own.</param>
/// <param name="policy">What is served meanwhile.</param>
internal sealed class ModelRequest(string id, string asked, ForgetPolicy policy)
{
    public string Id => id;

    public string Asked => asked;

    public ForgetPolicy Policy => policy;

    public RequestState State { get; set; } = RequestState.Received;

    public bool HasCertificate { get; set; }

    public List<ModelTarget> Targets { get; } = [];
}

/// <summary>What a request takes out: an item, or code points of its text.</summary>
/// <param name="item">Number of the item.</param>
/// <param name="points">Positions to cut; <see langword="null"/> for the whole item.</param>
internal sealed class ModelTarget(int item, IReadOnlySet<int>? points)
{
    public int Item => item;

    public IReadOnlySet<int>? Points => points;

    public bool IsApplied { get; set; }
}

/// <summary>A request to make, in numbers: what the generator draws, and what both sides understand.</summary>
/// <param name="Name">Which of the few names.</param>
/// <param name="Items">Items, by number.</param>
/// <param name="Authors">Authors, by number.</param>
/// <param name="Cuts">Spans: item, first code point, how many.</param>
/// <param name="Policy">What is served meanwhile.</param>
internal sealed record AskedRequest(int Name, IReadOnlyList<int> Items, IReadOnlyList<int> Authors, IReadOnlyList<(int Item, int From, int Length)> Cuts, ForgetPolicy Policy)
{
    public string Id => $"r{Name}";

    public override string ToString() =>
        $"{Id} {KebabName.Of(Policy)}: items {string.Join(' ', Items)}, authors {string.Join(' ', Authors)}, cuts {string.Join(' ', Cuts.Select(c => $"{c.Item}[{c.From}..{c.From + c.Length}]"))}";
}
