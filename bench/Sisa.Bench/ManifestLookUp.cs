using System.Globalization;
using BenchmarkDotNet.Attributes;
using Microsoft.Data.Sqlite;
using Sisa.Bench.Studies;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Stores;
using Sisa.Forgetting;

namespace Sisa.Bench;

/// <summary>What it costs to find the items of subjects, one by one and ten thousand at once, and to plan a request for them, against one prepared statement of SQLite a subject.</summary>
/// <remarks>Times are per subject; a subject has five items on average. A million items, or as many as <c>SISA_BENCH_ITEMS</c> says: ten million take three minutes and 6 GB of disk to make.</remarks>
[MinIterationCount(3)]
[MaxIterationCount(8)]
public class ManifestLookUp
{
    private const int Subjects = 10_000;

    private string _folder = null!;
    private string[] _subjects = null!;
    private Engine.Stores.Store _store = null!;
    private SqliteConnection _connection = null!;
    private SqliteCommand _statement = null!;

    [GlobalSetup]
    public void Prepare()
    {
        var items = int.Parse(Environment.GetEnvironmentVariable("SISA_BENCH_ITEMS") ?? "1000000", CultureInfo.InvariantCulture);
        _folder = Directory.CreateTempSubdirectory("sisa-bench-").FullName;
        var made = new PlanningStore(_folder, items);
        _subjects = made.Subjects(Subjects, 0);
        _store = Store.Open(made.Root);
        _connection = new SqliteConnection($"Data Source={made.Manifest};Mode=ReadOnly;Pooling=False");
        _connection.Open();
        _statement = _connection.CreateCommand();
        _statement.CommandText = "SELECT id, shard, slice FROM item WHERE subject = $1";
        _statement.Parameters.AddWithValue("$1", string.Empty);
        _statement.Prepare();
    }

    [GlobalCleanup]
    public void Free()
    {
        _statement.Dispose();
        _connection.Dispose();
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Subjects)]
    public long One_prepared_statement_each()
    {
        long found = 0;
        foreach (var subject in _subjects)
        {
            _statement.Parameters[0].Value = subject;
            using var reader = _statement.ExecuteReader();
            while (reader.Read())
            {
                found += reader.GetString(0).Length + reader.GetInt32(1) + reader.GetInt32(2);
            }
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Subjects)]
    public void Find_one_by_one()
    {
        foreach (var subject in _subjects)
        {
            _store.Manifest.Items.FindBySubject([subject]);
        }
    }

    [Benchmark(OperationsPerInvoke = Subjects)]
    public void Find_all_at_once() => _store.Manifest.Items.FindBySubject(_subjects);

    [Benchmark(OperationsPerInvoke = Subjects)]
    public void Plan_a_request_for_all() => new Forgetter(_store).Plan(new ForgetRequest { Subjects = _subjects });
}
