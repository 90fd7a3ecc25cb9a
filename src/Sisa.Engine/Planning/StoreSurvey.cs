using System.Runtime.InteropServices;
using System.Text;
using Sisa.Engine.Stores;
using Sisa.Planning;
using Sisa.Storage.Slices;
using Sisa.Training;

namespace Sisa.Engine.Planning;

/// <summary>The facts of a store that a plan needs: the sizes of subjects, the frequency of labels, and the speed of training.</summary>
/// <remarks>Reads slices and manifest; loads no library, changes nothing and takes no lock, so that it is a picture of a moment.</remarks>
public sealed record StoreSurvey
{
    /// <summary>Every subject, with its class by the position in <see cref="ClassNames"/>.</summary>
    public required IReadOnlyList<PlannedSubject> Subjects { get; init; }

    /// <summary>The recipe's risk classes in ordinal order; none where it declares none.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>The label that fewest items have, and there are items of; <see langword="null"/> if there are no labels.</summary>
    public required string? RarestLabel { get; init; }

    /// <summary>Measured times of the stages that were trained by this recipe; <see langword="null"/> if there are none.</summary>
    public required PlanRates? Rates { get; init; }

    /// <summary>Share of the subjects that a class has.</summary>
    /// <param name="riskClass">Position of the class.</param>
    public double ShareOf(int riskClass) => Subjects.Count(s => s.RiskClass == riskClass) / (double)Math.Max(1, Subjects.Count);

    /// <summary>Surveys a store.</summary>
    /// <param name="store">The store.</param>
    /// <exception cref="NotFoundException">It holds no items.</exception>
    public static StoreSurvey Of(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var counts = new Dictionary<string, Tally>(StringComparer.Ordinal);
        var labels = new long[store.Recipe.Labels.Count];
        Read(store, record =>
        {
            if (record.Label >= 0 && record.Label < labels.Length)
            {
                labels[record.Label]++;
            }
        });
        var rarest = store.Recipe.Task == TaskKind.Classify ? Array.IndexOf(labels, labels.Where(n => n > 0).DefaultIfEmpty(0).Min()) : -1;
        Read(store, record =>
        {
            ref var tally = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, Encoding.UTF8.GetString(record.Subject), out _);
            tally.Items++;
            tally.Rare += rarest < 0 || record.Label == rarest ? 1 : 0;
            tally.RiskClass = Math.Max(0, record.RiskClass);
        });
        if (counts.Count == 0)
        {
            throw new NotFoundException("The store holds no items.", $"Run {Step.Ingest} first, or plan for a future corpus: {Step.PlanWithoutStore}.");
        }

        return new StoreSurvey
        {
            // In the order of their names, so that the same items give the same plan.
            Subjects = [.. counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => new PlannedSubject(c.Value.Items, c.Value.Rare, c.Value.RiskClass))],
            ClassNames = store.Recipe.Ensemble.RiskClassNames,
            RarestLabel = rarest < 0 ? null : store.Recipe.Labels[rarest],
            Rates = PlanRates.Fit([.. store.Manifest.Checkpoints.All().Where(c => c.Recipe == store.RecipeDigest).Select(c => ((double)c.Visits, c.Seconds))]),
        };
    }

    private delegate void RecordReader(SliceRecord record);

    private static void Read(Store store, RecordReader read)
    {
        foreach (var slice in store.Manifest.Slices.All().Where(s => s.File is not null))
        {
            using var file = SliceFile.Open(store.Layout.Absolute(slice.File!), slice.Root);
            for (var i = 0; i < file.Count; i++)
            {
                read(file[i]);
            }
        }
    }

    private struct Tally
    {
        public long Items;
        public long Rare;
        public int RiskClass;
    }
}
