using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Sisa.Storage.Manifest;

/// <summary>Brings the tables of an earlier version to those of this one, by the scripts that also make a new manifest.</summary>
/// <remarks>Part of one transaction, with the version and the seal: a crash leaves the store as it was. DbUp runs the scripts of a new manifest; it cannot run them in a transaction of ours,
/// so that an earlier one gets them here, and DbUp's journal says so.</remarks>
internal static class SchemaMigration
{
    /// <summary>The oldest version whose stores are brought up to date.</summary>
    public const int OldestVersion = 3;

    // Number of the first script that each version after the oldest one needs: script 0002 makes version 4.
    private const int ScriptsBehindVersion = 2;

    /// <summary>Whether an embedded file is a script.</summary>
    /// <param name="name">Its name.</param>
    public static bool IsScript(string name) => name.EndsWith(".sql", StringComparison.Ordinal);

    /// <summary>Runs the scripts that a manifest lacks, and seals it as one of this version; part of the caller's transaction.</summary>
    /// <param name="connection">The manifest, of a version that can be brought up to date or of this one: another process may have been first.</param>
    public static void Run(SqliteConnection connection)
    {
        var version = connection.Scalar<long>("PRAGMA user_version");
        var assembly = typeof(SchemaMigration).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(IsScript).Order(StringComparer.Ordinal).Skip((int)version - ScriptsBehindVersion))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            connection.Execute(reader.ReadToEnd());
            connection.Execute("INSERT INTO SchemaVersions (ScriptName, Applied) VALUES ($1, datetime('now'))", name);
        }

        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {SqliteManifest.SchemaVersion}"));
        Seal.Write(connection);
    }
}
