using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sisa.Models;

namespace Sisa.Records;

/// <summary>The members of a record type, in the order of its JSON, and how it is made.</summary>
/// <remarks>Immutable. Thread-safe.</remarks>
internal sealed class RecordShape
{
    private static readonly ConcurrentDictionary<Type, RecordShape> Shapes = new();

    private readonly Type _type;
    private readonly RecordMember[] _members;
    private readonly ConstructorInfo? _constructor;
    private readonly ParameterInfo[] _parameters;
    private readonly string? _discriminator;

    private RecordShape(Type type)
    {
        _type = type;
        _discriminator = type == typeof(ModelOptions) ? ModelKinds.Discriminator : null;
        _constructor = type.GetConstructors().OrderBy(c => c.GetParameters().Length).FirstOrDefault(c => c.GetParameters() is not [var only] || only.ParameterType != type);
        _parameters = _constructor?.GetParameters() ?? [];
        var nullability = new NullabilityInfoContext();

        // Members of the type itself stand before those that it inherits.
        _members =
        [
            .. Ancestry(type)
                .SelectMany(t => t.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
                .Where(p => p.CanWrite && p.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always })
                .Select(p => new RecordMember(p, _parameters.FirstOrDefault(parameter => parameter.Name == p.Name), nullability)),
        ];
    }

    /// <summary>The shape of a type.</summary>
    /// <param name="type">A record type, or the base of some.</param>
    public static RecordShape Of(Type type) => Shapes.GetOrAdd(type, t => new RecordShape(t));

    /// <summary>Writes a record.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="record">The record.</param>
    /// <param name="declared">The type by which it is known: where that has variants, the record says which it is.</param>
    /// <param name="style">Form of the JSON.</param>
    public void Write(Utf8JsonWriter writer, object record, Type declared, RecordStyle style)
    {
        writer.WriteStartObject();
        if (declared != _type && Of(declared)._discriminator is { } name)
        {
            writer.WriteString(name, ModelKinds.Of((ModelOptions)record).Name);
        }

        foreach (var member in _members)
        {
            member.Write(writer, record, style);
        }

        writer.WriteEndObject();
    }

    /// <summary>Reads a record.</summary>
    /// <param name="json">An object.</param>
    /// <param name="path">Where it stands, for messages.</param>
    /// <param name="style">How it was written.</param>
    public object Read(JsonElement json, string path, RecordStyle style)
    {
        if (_discriminator is not null)
        {
            var kind = json.TryGetProperty(_discriminator, out var named) && named.ValueKind == JsonValueKind.String ? named.GetString() : null;
            var variant = ModelKinds.Named(kind) ?? throw new MalformedJsonException($"{path} has the unknown {_discriminator} '{kind}'");
            return Of(variant.Options).Read(json, path, style, _discriminator);
        }

        return Read(json, path, style, discriminator: null);
    }

    private object Read(JsonElement json, string path, RecordStyle style, string? discriminator)
    {
        var values = new Dictionary<RecordMember, object?>();
        foreach (var property in json.EnumerateObject())
        {
            if (property.Name != discriminator)
            {
                var member = Array.Find(_members, m => m.Name == property.Name) ?? throw new MalformedJsonException($"{path}.{property.Name} is unknown");
                values[member] = member.Read(property.Value, $"{path}.{property.Name}", style);
            }
        }

        if (Array.Find(_members, m => m.IsRequired && !(style.OmitsNulls && m.AllowsNull) && !values.ContainsKey(m)) is { } missing)
        {
            throw new MalformedJsonException($"{path}.{missing.Name} is missing");
        }

        var record = Make(values);
        foreach (var (member, value) in values)
        {
            if (member.Parameter is null)
            {
                member.Set(record, value);
            }
        }

        return record;
    }

    private object Make(Dictionary<RecordMember, object?> values)
    {
        if (_parameters.Length == 0)
        {
            return Activator.CreateInstance(_type) ?? throw new MalformedJsonException($"{_type.Name} cannot be created");
        }

        var arguments = _parameters.Select(parameter => values.FirstOrDefault(v => v.Key.Parameter == parameter) is { Key: not null } given ? given.Value : parameter.HasDefaultValue ? parameter.DefaultValue : null).ToArray();
        try
        {
            return _constructor!.Invoke(arguments);
        }
        catch (TargetInvocationException e) when (e.InnerException is ArgumentException)
        {
            throw new MalformedJsonException($"{_type.Name}: {e.InnerException.Message}", e.InnerException);
        }
    }

    private static IEnumerable<Type> Ancestry(Type type)
    {
        for (var t = type; t is not null && t != typeof(object) && t != typeof(ValueType); t = t.BaseType)
        {
            yield return t;
        }
    }
}
