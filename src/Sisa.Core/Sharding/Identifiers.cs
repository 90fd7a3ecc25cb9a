using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sisa.Sharding;

/// <summary>Number of a shard, from 0. One constituent model is trained per shard.</summary>
/// <param name="Value">Zero-based number, below <c>ensemble.shards</c>.</param>
[JsonConverter(typeof(ShardIdJsonConverter))]
public readonly record struct ShardId(int Value) : IComparable<ShardId>
{
    /// <inheritdoc/>
    public int CompareTo(ShardId other) => Value.CompareTo(other.Value);

    /// <summary>Numeric order.</summary>
    public static bool operator <(ShardId left, ShardId right) => left.Value < right.Value;

    /// <summary>Numeric order.</summary>
    public static bool operator >(ShardId left, ShardId right) => left.Value > right.Value;

    /// <summary>Numeric order.</summary>
    public static bool operator <=(ShardId left, ShardId right) => left.Value <= right.Value;

    /// <summary>Numeric order.</summary>
    public static bool operator >=(ShardId left, ShardId right) => left.Value >= right.Value;

    /// <summary>The name in paths and messages: <c>shard-003</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"shard-{Value:000}");
}

/// <summary>Number of a slice within its shard, from 1; also of the stage and the checkpoint that end at its boundary.</summary>
/// <param name="Value">One-based number, at most <c>ensemble.slices</c>. Zero, the default, stands for "before the first slice".</param>
[JsonConverter(typeof(SliceIndexJsonConverter))]
public readonly record struct SliceIndex(int Value) : IComparable<SliceIndex>
{
    /// <summary>Before the first slice: the initial state.</summary>
    public static SliceIndex Start => default;

    /// <summary>The first slice.</summary>
    public static SliceIndex First => new(1);

    /// <summary>The slice after this one.</summary>
    public SliceIndex Next => new(Value + 1);

    /// <summary>The slice before this one; <see cref="Start"/> before the first.</summary>
    public SliceIndex Previous => new(Value - 1);

    /// <inheritdoc/>
    public int CompareTo(SliceIndex other) => Value.CompareTo(other.Value);

    /// <summary>Training order.</summary>
    public static bool operator <(SliceIndex left, SliceIndex right) => left.Value < right.Value;

    /// <summary>Training order.</summary>
    public static bool operator >(SliceIndex left, SliceIndex right) => left.Value > right.Value;

    /// <summary>Training order.</summary>
    public static bool operator <=(SliceIndex left, SliceIndex right) => left.Value <= right.Value;

    /// <summary>Training order.</summary>
    public static bool operator >=(SliceIndex left, SliceIndex right) => left.Value >= right.Value;

    /// <summary>The name in paths and messages: <c>slice-02</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"slice-{Value:00}");
}

/// <summary>Where an item lives: its shard and its slice.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Slice">The slice within it.</param>
public readonly record struct Placement(ShardId Shard, SliceIndex Slice) : IComparable<Placement>
{
    /// <inheritdoc/>
    public int CompareTo(Placement other) => Shard != other.Shard ? Shard.CompareTo(other.Shard) : Slice.CompareTo(other.Slice);

    /// <summary>Compares by shard, then by slice.</summary>
    public static bool operator <(Placement left, Placement right) => left.CompareTo(right) < 0;

    /// <summary>Compares by shard, then by slice.</summary>
    public static bool operator >(Placement left, Placement right) => left.CompareTo(right) > 0;

    /// <summary>Compares by shard, then by slice.</summary>
    public static bool operator <=(Placement left, Placement right) => left.CompareTo(right) <= 0;

    /// <summary>Compares by shard, then by slice.</summary>
    public static bool operator >=(Placement left, Placement right) => left.CompareTo(right) >= 0;

    /// <summary>The name in paths and messages: <c>shard-003/slice-02</c>.</summary>
    public override string ToString() => $"{Shard}/{Slice}";
}

/// <summary>Writes a <see cref="ShardId"/> as its number.</summary>
public sealed class ShardIdJsonConverter : JsonConverter<ShardId>
{
    /// <inheritdoc/>
    public override ShardId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt32());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ShardId value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Value);
}

/// <summary>Writes a <see cref="SliceIndex"/> as its number.</summary>
public sealed class SliceIndexJsonConverter : JsonConverter<SliceIndex>
{
    /// <inheritdoc/>
    public override SliceIndex Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt32());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SliceIndex value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Value);
}
