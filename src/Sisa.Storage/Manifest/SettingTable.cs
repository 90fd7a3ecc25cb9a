using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Sisa.Storage.Manifest;

/// <summary>The settings of a store: named values that are written at its creation, and the epoch.</summary>
public sealed class SettingTable
{
    private readonly SqliteConnection _connection;

    internal SettingTable(SqliteConnection connection) => _connection = connection;

    /// <summary>A number that grows with every publication of the bundle.</summary>
    public long Epoch => long.Parse(this["epoch"] ?? "0", CultureInfo.InvariantCulture);

    /// <summary>Whether nothing answers until a request that asked for it is retrained.</summary>
    public bool IsSuspended
    {
        get => this["suspended"] is not null;
        set => this["suspended"] = value ? "1" : null;
    }

    /// <summary>Epoch of the last publication that took a checkpoint out of service because it had seen what is to be forgotten, or because it was lost. Whatever was loaded at this epoch or a later
    /// one may answer until it is replaced; what was loaded before must not. Where no such publication is recorded, the present epoch.</summary>
    public long WithdrawnAt
    {
        get => this["withdrawn"] is { } epoch ? long.Parse(epoch, CultureInfo.InvariantCulture) : Epoch;
        set => this["withdrawn"] = value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A value by name; <see langword="null"/> if none is set. Setting <see langword="null"/> removes it.</summary>
    /// <param name="name">Name of the value.</param>
    public string? this[string name]
    {
        get => _connection.Scalar<string>("SELECT value FROM setting WHERE name = $1", name);
        set
        {
            if (value is null)
            {
                _connection.Execute("DELETE FROM setting WHERE name = $1", name);
            }
            else
            {
                _connection.Execute("INSERT INTO setting VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value);
            }
        }
    }

    /// <summary>Raises the epoch by one; part of the transaction that publishes.</summary>
    /// <returns>The new epoch.</returns>
    public long NextEpoch()
    {
        var epoch = Epoch + 1;
        this["epoch"] = epoch.ToString(CultureInfo.InvariantCulture);
        return epoch;
    }
}
