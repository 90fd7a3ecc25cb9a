using System.Text;
using Sisa.Engine.Stores;
using Sisa.Finding;
using Sisa.Forgetting;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Finding;

/// <summary>Finds names of the store that fold like names in hand: other people's, or another spelling of the same person.</summary>
/// <remarks>Reads every name of the manifest once, without a lock, and keeps nothing: an index of folded names would be one more copy that must be forgotten (rule E9).</remarks>
/// <param name="store">The store.</param>
public sealed class SpellingSearch(Store store)
{
    /// <summary>The names of the requests, each once.</summary>
    /// <param name="requests">The requests.</param>
    public static IEnumerable<(NameKind Kind, string Name)> NamesOf(params IEnumerable<ForgetRequest> requests) => requests
        .SelectMany(r => r.Items.Concat(r.Spans.Select(s => s.Item)).Select(item => (NameKind.Item, item)).Concat(r.Subjects.Select(subject => (NameKind.Subject, subject))))
        .Distinct();

    /// <summary>Finds near spellings of names. What pending requests name as a whole counts as forgotten.</summary>
    /// <param name="names">The names; none of them is found.</param>
    /// <param name="includesPending">Whether a spelling is found too of which a pending request has taken every item: the same command, repeated, means it.</param>
    public NearSpellings Find(IEnumerable<(NameKind Kind, string Name)> names, bool includesPending = false)
    {
        var named = names.ToLookup(n => n.Kind, n => n.Name);
        return store.Manifest.Read(() =>
        {
            var targets = store.Manifest.Requests.Targets().Where(t => t.Span is null).ToArray();
            var found = new List<NearSpelling>();
            var compared = 0L;
            foreach (var kind in named)
            {
                var search = new Folded(kind.Key, [.. kind]);
                Visit(kind.Key, search.Visit);
                compared += search.Compared;
                found.AddRange(Live(search.Found, kind.Key, targets));
                if (includesPending)
                {
                    var pending = new Folded(kind.Key, [.. kind, .. found.Where(f => f.Kind == kind.Key).Select(f => f.Name)]);
                    foreach (var name in targets.Select(t => NameOf(kind.Key, t)).Distinct(StringComparer.Ordinal))
                    {
                        pending.Visit(Encoding.UTF8.GetBytes(name), 0);
                    }

                    found.AddRange(pending.Found);
                }
            }

            return new NearSpellings
            {
                Names = compared,
                Found = [.. found.OrderBy(f => f.Kind).ThenBy(f => f.Name, StringComparer.Ordinal)],
                Corpus = CorpusScan.DigestOf(store.Manifest.Slices.All()),
            };
        });
    }

    /// <summary>Lets requests take the near spellings of what they name. A spelling that several may take goes to the first.</summary>
    /// <param name="requests">The requests.</param>
    /// <returns>The requests with what they take, and all that was found.</returns>
    public (IReadOnlyList<ForgetRequest> Requests, NearSpellings Found) Expand(IReadOnlyList<ForgetRequest> requests)
    {
        var found = Find(NamesOf(requests.Select(WithoutSpans)), includesPending: true);
        var taken = new HashSet<NearSpelling>();
        return ([.. requests.Select(request => Expand(request, found, taken))], found);
    }

    private static ForgetRequest Expand(ForgetRequest request, NearSpellings all, HashSet<NearSpelling> taken)
    {
        var names = NamesOf(WithoutSpans(request)).Select(n => (n.Kind, Folded: FoldedName.Of(n.Name))).ToHashSet();
        var own = all with { Found = [.. all.Found.Where(f => names.Contains((f.Kind, FoldedName.Of(f.Name))) && taken.Add(f))] };
        return request with { Items = [.. request.Items, .. own.Of(NameKind.Item)], Subjects = [.. request.Subjects, .. own.Of(NameKind.Subject)], Spellings = own };
    }

    // A span counts the code points of one text; another item's are others.
    private static ForgetRequest WithoutSpans(ForgetRequest request) => request with { Spans = [] };

    private static string NameOf(NameKind kind, TargetRow target) => kind == NameKind.Item ? target.Item : target.Subject;

    private void Visit(NameKind kind, NameVisitor visit)
    {
        if (kind == NameKind.Item)
        {
            store.Manifest.Items.VisitIds(visit);
        }
        else
        {
            store.Manifest.Items.VisitSubjects(visit);
        }
    }

    // Items that are being forgotten are still in the manifest until their slice is written again.
    private IEnumerable<NearSpelling> Live(IEnumerable<NearSpelling> found, NameKind kind, IReadOnlyCollection<TargetRow> targets)
    {
        var pending = targets.Select(t => NameOf(kind, t)).ToHashSet(StringComparer.Ordinal);
        var gone = targets.Select(t => t.Item).ToHashSet(StringComparer.Ordinal);
        foreach (var near in found)
        {
            if (!pending.Contains(near.Name))
            {
                yield return near;
                continue;
            }

            var rows = near.Kind == NameKind.Item ? store.Manifest.Items.FindById([near.Name]) : store.Manifest.Items.FindBySubject([near.Name]);
            if (rows.Count(r => !gone.Contains(r.Id)) is > 0 and var left)
            {
                yield return near with { Items = left };
            }
        }
    }

    /// <summary>Compares names of one kind with those in hand.</summary>
    private sealed class Folded
    {
        private readonly NameKind _kind;
        private readonly FoldedName _folder = new();
        private readonly HashSet<string> _names;

        // By hash, with the first of several equal folded forms.
        private readonly Dictionary<ulong, List<(int[] Codes, string Name)>> _byHash = [];
        private readonly Dictionary<string, NearSpelling> _found = new(StringComparer.Ordinal);

        public Folded(NameKind kind, IReadOnlyCollection<string> names)
        {
            (_kind, _names) = (kind, names.ToHashSet(StringComparer.Ordinal));
            foreach (var name in names)
            {
                var codes = _folder.Fold(Encoding.UTF8.GetBytes(name)).ToArray();
                var hash = FoldedName.HashOf(codes);
                if (!_byHash.TryGetValue(hash, out var alike))
                {
                    _byHash.Add(hash, alike = []);
                }

                if (!alike.Exists(a => a.Codes.AsSpan().SequenceEqual(codes)))
                {
                    alike.Add((codes, name));
                }
            }
        }

        public long Compared { get; private set; }

        public IReadOnlyCollection<NearSpelling> Found => _found.Values;

        public void Visit(ReadOnlySpan<byte> utf8, long items)
        {
            Compared++;
            var codes = _folder.Fold(utf8);
            if (!_byHash.TryGetValue(FoldedName.HashOf(codes), out var alike))
            {
                return;
            }

            foreach (var (folded, of) in alike)
            {
                if (codes.SequenceEqual(folded) && Encoding.UTF8.GetString(utf8) is var name && !_names.Contains(name))
                {
                    _found[name] = new NearSpelling(_kind, name, items + (_found.GetValueOrDefault(name)?.Items ?? 0), of);
                }
            }
        }
    }
}
