using System.Globalization;
using DbUp;
using DbUp.Engine.Output;
using Microsoft.Data.Sqlite;
using Sisa.Checkpoints;
using Sisa.Storage.Files;

namespace Sisa.Storage.Manifest;

/// <summary>The record of items, slices, checkpoints, bundle and requests: one SQLite database per store.</summary>
/// <remarks>
/// Not thread-safe; one instance per thread. Several processes may hold one: readers never wait, writers wait for one another.
/// Invariants: the epoch only grows; the bundle refers to checkpoints that are recorded here; a tombstone is written in the
/// transaction that records its request; every file that is referred to is durable before the row that refers to it.
/// </remarks>
public sealed class SqliteManifest : IDisposable
{
    /// <summary>Version of the schema that this program reads and writes.</summary>
    public const int SchemaVersion = 4;

    private readonly string _scratch;

    private SqliteManifest(SqliteConnection connection, StoreLayout layout)
    {
        Connection = connection;
        FilePath = layout.Manifest;
        _scratch = layout.Scratch;
        Settings = new SettingTable(connection);
        Items = new ItemTable(connection, layout.Scratch);
        Slices = new SliceTable(connection);
        Checkpoints = new CheckpointTable(connection);
        Bundle = new BundleTable(connection);
        Requests = new RequestTable(connection);
        Garbage = new GarbageTable(connection);
        Exports = new ExportTable(connection);
        Certificates = new CertificateTable(connection);
        Log = new LogTable(connection);
    }

    /// <summary>Path of the database.</summary>
    public string FilePath { get; }

    /// <summary>The settings of the store.</summary>
    public SettingTable Settings { get; }

    /// <summary>Where items live.</summary>
    public ItemTable Items { get; }

    /// <summary>Slice files.</summary>
    public SliceTable Slices { get; }

    /// <summary>Checkpoint files.</summary>
    public CheckpointTable Checkpoints { get; }

    /// <summary>The served bundle.</summary>
    public BundleTable Bundle { get; }

    /// <summary>Requests to forget, their targets, tombstones and cuts.</summary>
    public RequestTable Requests { get; }

    /// <summary>Files to remove.</summary>
    public GarbageTable Garbage { get; }

    /// <summary>Copies handed out.</summary>
    public ExportTable Exports { get; }

    /// <summary>Signed statements, and what they may say of the items.</summary>
    public CertificateTable Certificates { get; }

    /// <summary>Entries of the evidence log.</summary>
    public LogTable Log { get; }

    /// <summary>Called after every transaction that is committed, outside of it.</summary>
    public Action? AfterCommit { get; set; }

    /// <summary>How long a statement waits for another process that writes, to the second, at least one; at first ten minutes, which is longer than the largest ingestion writes.</summary>
    public TimeSpan Timeout
    {
        get => TimeSpan.FromSeconds(Connection.DefaultTimeout);
        set => Connection.DefaultTimeout = (int)Math.Clamp(Math.Ceiling(value.TotalSeconds), 1, int.MaxValue);
    }

    /// <summary>A number that changes when another connection, of this process or another one, has committed. Costs no reading of rows.</summary>
    public long OthersVersion => Connection.Scalar<long>("PRAGMA data_version");

    internal SqliteConnection Connection { get; }

    /// <summary>Creates the manifest of a new store.</summary>
    /// <param name="layout">A folder without a manifest.</param>
    /// <param name="fill">Writes the first rows. Only when they are durable does the manifest count as made.</param>
    public static SqliteManifest Create(StoreLayout layout, Action<SqliteManifest> fill)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(fill);
        ManifestFile.CreateEmpty(layout.Manifest);
        var connection = ManifestFile.Connect(layout.Manifest, SqliteOpenMode.ReadWriteCreate);
        connection.Execute("PRAGMA journal_mode = WAL");
        var upgrade = DeployChanges.To
            .SqliteDatabase(connection.ConnectionString)
            .WithScriptsEmbeddedInAssembly(typeof(SqliteManifest).Assembly, SchemaMigration.IsScript)
            .WithTransaction()
            .LogTo(new NoOpUpgradeLog())
            .Build()
            .PerformUpgrade();
        if (!upgrade.Successful)
        {
            connection.Dispose();
            throw upgrade.Error is SqliteException fault && SqliteCode.IsOfTheSystem(fault)
                ? DurableFile.Failed("create", layout.Manifest, upgrade.Error)
                : new StoreException($"The manifest {layout.Manifest} could not be created: {SystemFault.Reason(upgrade.Error)}.", $"Remove the incomplete store and run {Step.Init} again.", upgrade.Error);
        }

        var manifest = new SqliteManifest(connection, layout);
        try
        {
            manifest.Write(() =>
            {
                fill(manifest);
                connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {SchemaVersion}"));
            });
            return manifest;
        }
        catch
        {
            manifest.Dispose();
            throw;
        }
    }

    /// <summary>Whether a folder holds a finished store, or the remains of one whose creation was interrupted.</summary>
    /// <param name="layout">The folder.</param>
    public static bool IsFinished(StoreLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (!File.Exists(layout.Manifest))
        {
            return false;
        }

        try
        {
            using var connection = ManifestFile.Connect(layout.Manifest, SqliteOpenMode.ReadWrite);
            return connection.Scalar<long>("PRAGMA user_version") != 0;
        }
        catch (SqliteException e)
        {
            throw new StoreException($"The manifest {layout.Manifest} cannot be read: {SqliteReason.Of(e)}.", $"Name another folder with {Step.StoreFolder}, or remove that file.", e);
        }
    }

    /// <summary>Opens the manifest of a store. One of version <see cref="SchemaMigration.OldestVersion"/> or later is brought to <see cref="SchemaVersion"/> first.</summary>
    /// <param name="layout">The store.</param>
    /// <exception cref="NotFoundException">There is no store.</exception>
    /// <exception cref="StoreException">The store is damaged or of another version.</exception>
    /// <exception cref="StoreBusyException">The store must be brought to this version, and another process holds it.</exception>
    public static SqliteManifest Open(StoreLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (!File.Exists(layout.Manifest))
        {
            throw new NotFoundException($"There is no store in {layout.Root}.", $"Create one with {Step.Init}, or name another folder with {Step.StoreFolder}.");
        }

        SqliteConnection? connection = null;
        try
        {
            connection = ManifestFile.Connect(layout.Manifest, SqliteOpenMode.ReadWrite);
            var version = connection.Scalar<long>("PRAGMA user_version");
            var migrates = version is >= SchemaMigration.OldestVersion and < SchemaVersion;
            if (version != SchemaVersion && !migrates)
            {
                throw new StoreException(
                    $"Store {layout.Root} has version {version}, this program reads version {SchemaVersion}.",
                    version > SchemaVersion ? "Use the newer version of Sisa that wrote it." : Remedy.Of($"An earlier version wrote it, or its manifest is lost. Name another folder with {Step.StoreFolder}, or restore the whole folder from one backup."));
            }

            var manifest = new SqliteManifest(connection, layout);
            if (migrates)
            {
                using var held = StoreLock.Acquire(layout, TimeSpan.Zero);
                manifest.Transact(() =>
                {
                    // Sealed rows first: what was altered must not be sealed again.
                    manifest.RequireSealed();
                    SchemaMigration.Run(connection);
                    return true;
                });
            }
            else
            {
                manifest.Read(() =>
                {
                    manifest.RequireSealed();
                    return true;
                });
            }

            return manifest;
        }
        catch (SqliteException e)
        {
            connection?.Dispose();
            throw SqliteCode.IsOfTheSystem(e)
                ? DurableFile.Failed("open", layout.Manifest, e)
                : new StoreException($"The manifest {layout.Manifest} cannot be read: {SqliteReason.Of(e)}.", "Restore the whole store folder from one backup; a manifest alone does not match the other files.", e);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    /// <summary>Reads several things as they were at one moment.</summary>
    /// <param name="look">The reading.</param>
    /// <typeparam name="T">Result of the reading.</typeparam>
    public T Read<T>(Func<T> look)
    {
        ArgumentNullException.ThrowIfNull(look);
        Connection.Execute("BEGIN");
        try
        {
            return look();
        }
        finally
        {
            Rollback();
        }
    }

    /// <summary>Runs changes as one durable transaction.</summary>
    /// <param name="changes">The changes; an exception undoes them all.</param>
    /// <exception cref="StorageIoException">The database could not be written; nothing was changed.</exception>
    public void Write(Action changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        Write(() =>
        {
            changes();
            return true;
        });
    }

    /// <summary>Runs changes as one durable transaction.</summary>
    /// <param name="changes">The changes; an exception undoes them all.</param>
    /// <typeparam name="T">Result of the changes.</typeparam>
    /// <exception cref="StorageIoException">The database could not be written; nothing was changed.</exception>
    public T Write<T>(Func<T> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return Transact(() =>
        {
            var before = Connection.Scalar<long>("SELECT total_changes()");
            var result = changes();
            if (Connection.Scalar<long>("SELECT total_changes()") != before)
            {
                Seal.Write(Connection);
            }

            return result;
        });
    }

    /// <summary>Records a checkpoint in a transaction that survives a killed process but perhaps not power loss; the next
    /// <see cref="Write{T}"/> makes it durable. What is lost is trained again.</summary>
    /// <param name="row">The checkpoint.</param>
    /// <param name="isRefused">Asked within the transaction: whether it must not be recorded after all.</param>
    /// <returns>Whether it was recorded.</returns>
    /// <exception cref="StorageIoException">The database could not be written; nothing was changed.</exception>
    public bool Record(CheckpointRecord row, Func<bool> isRefused)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(isRefused);
        Connection.Execute("PRAGMA synchronous = NORMAL");
        try
        {
            return Transact(() =>
            {
                if (isRefused())
                {
                    return false;
                }

                if (Checkpoints.Add(row))
                {
                    Seal.Extend(Connection, row.Digest);
                }

                return true;
            });
        }
        finally
        {
            Connection.Execute("PRAGMA synchronous = FULL");
        }
    }

    /// <summary>Writes a database with only the live rows, in the layout of <see cref="Rebuild"/>.</summary>
    /// <param name="path">A file that does not exist yet.</param>
    /// <exception cref="StorageIoException">It could not be written.</exception>
    public void CopyLiveRows(string path)
    {
        ManifestFile.CreateEmpty(path);
        try
        {
            Connection.Execute("VACUUM INTO $1", path);
        }
        catch (SqliteException e) when (SqliteCode.IsOfTheSystem(e) || e.SqliteErrorCode == SqliteCode.Refused)
        {
            throw DurableFile.Failed("write", path, e);
        }
    }

    /// <summary>Moves everything from the write-ahead log into the database and empties the log, so that no old page remains (rule E9).</summary>
    /// <returns>Whether the log is empty; <see langword="false"/> while another connection reads.</returns>
    public bool TruncateLog() =>
        Connection.Query("PRAGMA wal_checkpoint(TRUNCATE)", r => (Busy: r.GetInt64(0), Log: r.GetInt64(1))) is [var result] && result is { Busy: 0, Log: 0 };

    /// <summary>Writes the database again from its live rows, so that no page holds anything else.</summary>
    /// <returns>Whether it was done; <see langword="false"/> while another connection is in a transaction.</returns>
    public bool Rebuild()
    {
        try
        {
            Connection.ExecuteWithFilesIn(_scratch, "VACUUM");
            return true;
        }
        catch (SqliteException e) when (SqliteCode.IsBusy(e))
        {
            return false;
        }
        catch (SqliteException e) when (SqliteCode.IsOfTheSystem(e))
        {
            throw DurableFile.Failed("rebuild", FilePath, e);
        }
    }

    /// <summary>Checks the database's own structure.</summary>
    /// <returns>The faults; empty if there are none.</returns>
    public IReadOnlyList<string> CheckIntegrity()
    {
        try
        {
            return [.. Connection.Query("PRAGMA integrity_check", r => r.GetString(0)).Where(line => line != "ok")];
        }
        catch (SqliteException e)
        {
            // So damaged that the check itself cannot go on.
            return [$"The check of the database cannot continue: {SqliteReason.Of(e)}."];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Connection.Dispose();

    private void RequireSealed()
    {
        if (Seal.Broken(Connection) is { Count: > 0 } broken)
        {
            throw new StoreException(
                $"The manifest {FilePath} is damaged, or another program altered it: its rows in {string.Join(", ", broken)} are not the recorded ones.",
                $"Restore the whole store folder from one backup. If only the evidence log is newer than the manifest, {Step.ReplayLog} takes over its additional entries.");
        }
    }

    private T Transact<T>(Func<T> changes)
    {
        try
        {
            Connection.Execute("BEGIN IMMEDIATE");
            T result;
            try
            {
                result = changes();
                Connection.Execute("COMMIT");
            }
            catch
            {
                Rollback();
                throw;
            }

            AfterCommit?.Invoke();
            return result;
        }
        catch (SqliteException e) when (SqliteCode.IsBusy(e))
        {
            throw new StoreBusyException($"The manifest {FilePath} was busy for too long.", "Another process writes to it. Run the same command again.");
        }
        catch (SqliteException e) when (SqliteCode.IsOfTheSystem(e))
        {
            throw DurableFile.Failed("write", FilePath, e);
        }
    }

    private void Rollback()
    {
        try
        {
            Connection.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has already rolled back, as it does on a full disk.
        }
    }
}
