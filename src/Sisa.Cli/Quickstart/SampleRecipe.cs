namespace Sisa.Cli.Quickstart;

/// <summary>The recipe of the sample (<see cref="SampleCorpus"/>).</summary>
public static class SampleRecipe
{
    /// <summary>The text of the recipe file; <c>test.jsonl</c> is beside it.</summary>
    public const string Yaml =
        """
        name: quickstart
        corpus:
          format: jsonl
          fields: { id: id, subject: author, text: text, label: label }
        labels: [weather, food, travel, music, work]
        features:
          text: { words: 2, buckets: 8192, maxTokens: 128 }
        ensemble: { shards: 8, slices: 4, assign: by-subject }
        model: { kind: text-classifier, architecture: embedding-bag, width: 32 }
        training: { epochs: 16, batchSize: 32, optimizer: adamw, learningRate: 3e-3, schedule: cosine, seed: 17 }
        aggregation: mean-probability
        evaluation: { file: test.jsonl }

        """;
}
