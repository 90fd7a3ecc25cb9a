using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsvHelper;

namespace Sisa.Bench.Studies;

/// <summary>A request to forget, as the command line takes it.</summary>
internal sealed record BenchRequest(string Name, IReadOnlyList<string> Arguments);

/// <summary>Files that are ready to be ingested.</summary>
internal sealed record PreparedCorpus(IReadOnlyList<string> Train, string Test, IReadOnlyList<BenchRequest> Requests);

/// <summary>A corpus, its recipe and what is done with it.</summary>
/// <param name="Name">Name of its folder under the data folder.</param>
/// <param name="Shape">Shards × slices, as the recipe has them.</param>
/// <param name="Recipe">The recipe, YAML.</param>
/// <param name="Prepare">Makes the files: data folder, scratch folder.</param>
internal sealed record RealCorpus(string Name, string Shape, string Recipe, Func<string, string, PreparedCorpus> Prepare);

/// <summary>The corpora of the study. Held-out rows are chosen by the corpus's own split or, where it has none, by a hash of the subject.</summary>
internal static class RealCorpora
{
    public static IReadOnlyList<RealCorpus> All { get; } = [Clinc(), Nusax(), Diabetes(), Fashion()];

    private static RealCorpus Fashion() => new(
        "fashion-mnist",
        "5 × 3",
        """
        name: fashion-mnist
        corpus: { format: idx }
        labels: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
        features: { pixels: { height: 28, width: 28, channels: 1, mean: 0.286, deviation: 0.353 } }
        ensemble: { shards: 5, slices: 3 }
        model: { kind: cnn, channels: [16, 32], kernel: 3, hidden: 64 }
        training: { epochs: 20, batchSize: 64, optimizer: adamw, learningRate: 2e-3, schedule: cosine }
        """,
        (data, _) =>
        {
            var folder = Path.Combine(data, "fashion-mnist");
            const string Images = "train-images-idx3-ubyte.gz";
            IEnumerable<string> Ids(int first, int count) => Enumerable.Range(0, count).Select(i => $"{Images}:{first + (i * 2971)}");
            return new PreparedCorpus(
                [Path.Combine(folder, Images)],
                Path.Combine(folder, "t10k-images-idx3-ubyte.gz"),
                [new BenchRequest("1 image", ["--item", .. Ids(7, 1)]), new BenchRequest("20 images", ["--item", .. Ids(11, 20)])]);
        });

    private static RealCorpus Nusax() => new(
        "nusax-sentiment",
        "4 × 3",
        """
        name: nusax
        corpus: { fields: { id: [lang, id], subject: id, text: text, label: label } }
        labels: [negative, neutral, positive]
        features: { text: { words: 2, chars: 4, buckets: 32768 } }
        ensemble: { shards: 4, slices: 3 }
        model: { kind: text-classifier, width: 64 }
        training: { epochs: 12, batchSize: 32, learningRate: 3e-3, schedule: cosine }
        """,
        (data, scratch) =>
        {
            var train = new List<JsonObject>();
            var test = new List<JsonObject>();
            foreach (var file in Directory.EnumerateFiles(Path.Combine(data, "nusax-sentiment"), "*.jsonl.gz").Order(StringComparer.Ordinal))
            {
                foreach (var row in Lines(file).Select(line => JsonNode.Parse(line)!.AsObject()))
                {
                    // Ids count anew in every split; a subject is one text with all of its translations.
                    var split = row["split"]!.GetValue<string>();
                    row["id"] = $"{split}-{row["id"]}";
                    (split == "test" ? test : train).Add(row);
                }
            }

            return new PreparedCorpus(
                [WriteJson(Path.Combine(scratch, "train.jsonl"), train)],
                WriteJson(Path.Combine(scratch, "test.jsonl"), test),
                [new BenchRequest("1 text in 6 languages", ["--subject", train[3]["id"]!.GetValue<string>()])]);
        });

    // The labels are declared by the corpus's documentation, domain by domain.
    private static RealCorpus Clinc() => new(
        "clinc150",
        "4 × 3",
        $$"""
        name: clinc150
        corpus: { fields: { id: id, text: text, label: intent } }
        labels: [{{ClincIntents.All}}]
        features: { text: { words: 2, chars: 4, buckets: 32768 } }
        ensemble: { shards: 4, slices: 3 }
        model: { kind: text-classifier, width: 128 }
        training: { epochs: 12, batchSize: 32, learningRate: 4e-3, schedule: cosine }
        """,
        (data, scratch) =>
        {
            using var stream = new GZipStream(File.OpenRead(Path.Combine(data, "clinc150", "data_full.json.gz")), CompressionMode.Decompress);
            var root = JsonNode.Parse(stream)!.AsObject();
            IEnumerable<JsonObject> Rows(string split) => root[split]!.AsArray().Select((pair, i) => new JsonObject
            {
                ["id"] = $"{split}-{i}",
                ["text"] = pair![0]!.GetValue<string>(),
                ["intent"] = pair[1]!.GetValue<string>(),
            });
            return new PreparedCorpus(
                [WriteJson(Path.Combine(scratch, "train.jsonl"), Rows("train").Concat(Rows("val")))],
                WriteJson(Path.Combine(scratch, "test.jsonl"), Rows("test")),
                [new BenchRequest("1 sentence", ["--item", "train-77"]), new BenchRequest("10 sentences", ["--item", .. Enumerable.Range(0, 10).Select(i => $"train-{100 + (i * 1371)}")])]);
        });

    private static RealCorpus Diabetes() => new(
        "diabetes130",
        "10 × 4",
        """
        name: diabetes130
        corpus: { fields: { id: encounter_id, subject: patient_nbr, label: readmitted } }
        labels: ["NO", ">30", "<30"]
        features:
          numbers:
            time_in_hospital: { min: 0, max: 20 }
            num_lab_procedures: { min: 0, max: 200 }
            num_procedures: { min: 0, max: 10 }
            num_medications: { min: 0, max: 100 }
            number_outpatient: { min: 0, max: 50 }
            number_emergency: { min: 0, max: 100 }
            number_inpatient: { min: 0, max: 50 }
            number_diagnoses: { min: 0, max: 20 }
          categories:
            fields: [race, gender, age, admission_type_id, discharge_disposition_id, admission_source_id, payer_code, medical_specialty, diag_1, diag_2, diag_3, max_glu_serum, A1Cresult, metformin, glipizide, glyburide, insulin, change, diabetesMed]
            buckets: 512
        ensemble: { shards: 10, slices: 4 }
        model: { kind: mlp, hidden: [64], activation: relu }
        training: { epochs: 12, batchSize: 64, learningRate: 2e-3, schedule: cosine }
        """,
        (data, scratch) =>
        {
            using var stream = new GZipStream(File.OpenRead(Path.Combine(data, "diabetes130", "diabetic_data.csv.gz")), CompressionMode.Decompress);
            using var csv = new CsvReader(new StreamReader(stream), CultureInfo.InvariantCulture);
            var train = new List<JsonObject>();
            var test = new List<JsonObject>();
            foreach (var row in csv.GetRecords<dynamic>().Cast<IDictionary<string, object>>())
            {
                var json = new JsonObject(row.Select(cell => KeyValuePair.Create<string, JsonNode?>(cell.Key, (string)cell.Value)));

                // Every tenth patient by hash is held out, with all encounters.
                var patient = (string)row["patient_nbr"];
                (Digest.Of(System.Text.Encoding.UTF8.GetBytes(patient)).High64 % 10 == 0 ? test : train).Add(json);
            }

            var patients = train.Select(r => r["patient_nbr"]!.GetValue<string>()).Distinct().Where((_, i) => i % 5003 == 17).Take(10);
            return new PreparedCorpus(
                [WriteJson(Path.Combine(scratch, "train.jsonl"), train)],
                WriteJson(Path.Combine(scratch, "test.jsonl"), test),
                [new BenchRequest("10 patients", ["--subject", .. patients])]);
        });

    /// <summary>Rows of a file of JSON lines, gzip.</summary>
    public static IEnumerable<JsonObject> JsonLines(string path) => Lines(path).Select(line => JsonNode.Parse(line)!.AsObject());

    /// <summary>Lines of a text file, gzip.</summary>
    public static IEnumerable<string> Lines(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    /// <summary>Writes rows as JSON lines.</summary>
    public static string WriteJson(string path, IEnumerable<JsonObject> rows)
    {
        File.WriteAllLines(path, rows.Select(row => row.ToJsonString(new JsonSerializerOptions { WriteIndented = false })));
        return path;
    }
}
