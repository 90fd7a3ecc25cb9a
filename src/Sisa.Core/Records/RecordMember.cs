using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sisa.Records;

/// <summary>One member of a record type.</summary>
/// <remarks>Immutable.</remarks>
internal sealed class RecordMember
{
    private readonly PropertyInfo _property;
    private readonly Type _type;
    private readonly bool _allowsNull;
    private readonly JsonIgnoreCondition _ignored;
    private readonly object? _default;

    /// <summary>Looks a member up.</summary>
    /// <param name="property">The property.</param>
    /// <param name="parameter">The parameter of the constructor that sets it, or <see langword="null"/>.</param>
    /// <param name="nullability">Knows where null is allowed.</param>
    public RecordMember(PropertyInfo property, ParameterInfo? parameter, NullabilityInfoContext nullability)
    {
        (_property, Parameter) = (property, parameter);
        Name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        _type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        _allowsNull = property.PropertyType.IsValueType ? _type != property.PropertyType : nullability.Create(property).WriteState == NullabilityState.Nullable;
        _ignored = property.GetCustomAttribute<JsonIgnoreAttribute>()?.Condition ?? JsonIgnoreCondition.Never;
        _default = property.PropertyType.IsValueType && !_allowsNull ? RuntimeHelpers.GetUninitializedObject(property.PropertyType) : null;
        IsRequired = parameter is { HasDefaultValue: false } || property.GetCustomAttribute<RequiredMemberAttribute>() is not null;
    }

    /// <summary>Its name in JSON.</summary>
    public string Name { get; }

    /// <summary>The parameter of the constructor that sets it, or <see langword="null"/>.</summary>
    public ParameterInfo? Parameter { get; }

    /// <summary>Whether it must be there: what is declared as required, and what a constructor asks for.</summary>
    public bool IsRequired { get; }

    /// <summary>Whether it may be <see langword="null"/>, and so be left out by a style that says so.</summary>
    public bool AllowsNull => _allowsNull;

    /// <summary>Writes name and value, where the value is to be written.</summary>
    public void Write(Utf8JsonWriter writer, object record, RecordStyle style)
    {
        var value = _property.GetValue(record);
        if ((_ignored != JsonIgnoreCondition.Never && Equals(value, _default)) || (style.OmitsNulls && value is null))
        {
            return;
        }

        writer.WritePropertyName(Name);
        RecordJson.Write(writer, value, _type, style);
    }

    /// <summary>Reads its value.</summary>
    public object? Read(JsonElement json, string path, RecordStyle style) => json.ValueKind == JsonValueKind.Null && _allowsNull ? null : RecordJson.Read(json, _type, path, style);

    /// <summary>Sets it.</summary>
    public void Set(object record, object? value) => _property.SetValue(record, value);
}
