using Sisa.Checkpoints;
using Sisa.Engine.Publishing;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Finding;
using Sisa.Measurements;
using Sisa.Sharding;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Engine.Certifying;

/// <summary>Makes statements from what the store records. What is served, and all else that is no request's own, is as it was when this was made. Thread-safe.</summary>
/// <param name="store">The store.</param>
/// <param name="keys">The signing keys.</param>
/// <param name="requests">The requests that statements will be made about.</param>
internal sealed class StatementBuilder(Store store, KeyRing keys, IReadOnlyList<RequestRow> requests)
{
    private readonly ILookup<(long Request, bool IsFound), Digest> _commitments = store.Manifest.Certificates.Commitments(requests.Select(r => r.Number));
    private readonly byte[] _logKey = keys.Log.ExportSubjectPublicKeyInfo();
    private readonly Shared _shared = store.Manifest.Read(() => Shared.Of(store));

    /// <summary>Makes a statement about a request that is purged or found nothing.</summary>
    /// <param name="request">The request.</param>
    /// <param name="form">Who it is for.</param>
    /// <param name="rerun">Who repeated the training.</param>
    public ErasureStatement Make(RequestRow request, CertificateForm form, CertifiedRerun rerun)
    {
        var served = _shared.Served;
        var completed = request.Completed ?? store.Now;
        var late = completed - request.Due;
        var recipe = _shared.Recipe;
        return new ErasureStatement
        {
            Subject =
            [
                new StatementSubject("bundle", new SubjectDigest(BundleDigest.Of(served))),
                .. served.Values.Order().Select((digest, i) => new StatementSubject($"checkpoint-{i + 1}", new SubjectDigest(digest))),
            ],
            Predicate = new Erasure
            {
                Form = form,
                Issuer = IssuerOf(store.Recipe.Issuer),
                Request = new CertifiedRequest(request.Id, request.Reason, request.Policy, request.Received, request.Due, completed, late > TimeSpan.Zero ? (long)late.TotalSeconds : null)
                {
                    Extended = request.Summary.Extension is { } extension ? new CertifiedExtension(extension.From, extension.At, extension.Reason) : null,
                },
                Items = new CertifiedItems((int)request.Summary.Items, (int)request.Summary.Spans, [.. _commitments[(request.Number, true)]]),
                NotFound = _commitments[(request.Number, false)].ToArray() is { Length: > 0 } missing ? new CertifiedNames(missing.Length, missing) : null,
                NothingHeld = request.Summary.Searched is { } searched ? new CertifiedSearch(searched.Named, searched.Items, searched.Slices, searched.Corpus) : null,
                Epoch = _shared.Epoch,
                BundleBefore = request.Summary.BundleBefore,
                Recipe = recipe,
                Environments = _shared.Environments,
                Cost = new CertifiedCost(request.Summary.Shards, request.Summary.Visits ?? 0, request.Summary.FullVisits, request.Summary.Seconds ?? 0),
                Rerun = rerun,
                Measurements = request.Summary.Measurements ?? new ForgettingMeasurements(),
                Purge = Purge(request.Summary.Purge),
                Duplicates = Duplicates(request.Summary.Duplicates),
                Spellings = Spellings(request.Summary.Spellings),
                ExportsRecalled = _shared.ExportsRecalled,
                Log = new CertifiedLog(_shared.LogOrigin, _logKey),
                Claims = request.Summary.Searched is not null ? FixedWords.NothingHeldClaims
                    : request.Summary.Measurements?.Language is null ? FixedWords.Claims
                    : [.. FixedWords.Claims, FixedWords.RetrainOracle],
                NonClaims = request.Summary.Searched is not null ? FixedWords.NothingHeldNonClaims
                    : recipe.Base is null ? FixedWords.NonClaims
                    : [.. FixedWords.NonClaims, FixedWords.FrozenBase],
                Auditor = form == CertificateForm.Auditor ? _shared.Audit : null,
            },
        };
    }

    private static CertifiedIssuer? IssuerOf(IssuerOptions? issuer) => issuer is null or { Organisation: null, Contact: null, Model: null } ? null : new CertifiedIssuer(issuer.Organisation, issuer.Contact, issuer.Model);

    private static CertifiedPurge? Purge(PurgeReport? purge) => purge is null
        ? null
        : new CertifiedPurge(purge.FilesRemoved, purge.PatternsSearched, purge.PatternsTooShort, purge.FilesSearched, purge.BytesSearched, purge.Hits, purge.RetainedHits);

    private static CertifiedDuplicates Duplicates(DuplicateSummary? search) => search is null
        ? new CertifiedDuplicates(Searched: false)
        : new CertifiedDuplicates(true, search.Level, MatchMethod.Of(search.Level), search.Threshold, search.ItemsSearched, search.Found, search.Forgotten);

    private static CertifiedSpellings Spellings(SpellingSummary? search) => search is null
        ? new CertifiedSpellings(Searched: false)
        : new CertifiedSpellings(true, search.Match, NearSpellings.Method, search.NamesSearched, search.Found, search.Forgotten);

    /// <summary>The common part of all statements of one moment.</summary>
    private sealed record Shared(
        IReadOnlyDictionary<ShardId, Digest> Served, CertifiedRecipe Recipe, long Epoch, IReadOnlyList<EnvironmentFingerprint> Environments, int ExportsRecalled, string LogOrigin, AuditorPart Audit)
    {
        public static Shared Of(Store store)
        {
            var served = new ServedBundleQuery(store).LookWithin();
            var known = store.Manifest.Checkpoints.Environments();
            return new Shared(
                served.Checkpoints.ToDictionary(c => c.Place.Shard, c => c.Digest),
                CertifiedRecipe.Of(store.Recipe, store.RecipeDigest, store.Key.Commitment),
                served.Epoch,
                [.. served.Checkpoints.Select(c => c.Environment).Distinct().Order().Select(e => known[e])],
                store.Manifest.Exports.All().Count(e => e.Recall),
                store.Log.Origin,
                new AuditorPart(
                    store.Recipe.Training.Seed,
                    [
                        .. store.Histories().Select(h => new AuditedShard(
                            h.Shard.Value,
                            h.Slices,
                            [.. h.Chain(store.RecipeDigest, null).Select(c => new AuditedCheckpoint(c.Digest, c.Tensors))])),
                    ]));
        }
    }
}
