using Sisa.Fuzzing.Engine;

namespace Sisa.Fuzzing.Targets;

/// <summary>Every parser that is fuzzed.</summary>
internal static class AllTargets
{
    private static readonly (string Name, Func<FuzzTarget> Create)[] Known =
    [
        ("jsonl", () => new JsonlTarget()),
        ("csv", () => new CsvTarget()),
        ("tsv", () => new TsvTarget()),
        ("text", () => new TextTarget()),
        ("idx", () => new IdxTarget()),
        ("gzip", () => new GzipTarget()),
        ("parquet", () => new ParquetTarget()),
        ("recipe", () => new RecipeTarget()),
        ("recipe-json", () => new RecipeJsonTarget()),
        ("open-weights", () => new OpenWeightsTarget()),
        ("safetensors", () => new SafetensorsTarget()),
        ("checkpoint", () => new CheckpointTarget()),
        ("slice", () => new SliceTarget()),
        ("certificate", () => new CertificateTarget()),
        ("statement", () => new StatementTarget()),
        ("log-entry", () => new LogEntryTarget()),
        ("signed-note", () => new SignedNoteTarget()),
        ("merkle-proof", () => new MerkleProofTarget()),
        ("attestation", () => new AttestationTarget()),
        ("audit", () => new AuditTarget()),
        ("requester-copy", () => new RequesterCopyTarget()),
        ("target-list", () => new TargetListTarget()),
        ("key", () => new KeyTarget()),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(known => known.Name)];

    /// <summary>Makes one, with its scratch files.</summary>
    public static FuzzTarget Create(string name) => Known.Single(known => known.Name == name).Create();
}
