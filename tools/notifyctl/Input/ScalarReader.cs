using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Notify.Ctl.Input;

/// <summary>
/// Reads single values as the proto3 JSON mapping has them. A value in YAML without quotes is what its field wants it to be: after a text
/// field, <c>1.0</c> and <c>NO</c> are texts.
/// </summary>
internal static class ScalarReader
{
    /// <summary>The value as the field's C# type has it; null with what would have been right where it is none.</summary>
    public static object? Read(FieldDescriptor field, DataScalar scalar, out string? expected)
    {
        var kind = scalar.Kind;
        var (value, description) = field.FieldType switch
        {
            FieldType.String => (kind is DataKind.Text or DataKind.Plain ? scalar.Text : null, "a text (in quotes)"),
            FieldType.Bool => (kind == DataKind.Text ? null : ReadBool(scalar.Text), "true or false"),
            FieldType.Bytes => (kind is DataKind.Text or DataKind.Plain ? ReadBytes(scalar.Text) : null, "bytes in base64"),
            FieldType.Enum => (ReadEnum(field.EnumType, scalar), Names(field.EnumType, scalar)),
            FieldType.Double or FieldType.Float => (kind == DataKind.Truth ? null : ReadReal(field.FieldType, scalar), "a number"),
            _ => (kind == DataKind.Truth ? null : ReadInteger(field.FieldType, scalar.Text), Range(field.FieldType)),
        };
        expected = value is null ? description : null;
        return value;
    }

    private static object? ReadBool(string text) => text switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };

    private static ByteString? ReadBytes(string text)
    {
        var padded = text.Replace('-', '+').Replace('_', '/');
        var bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded.PadRight((padded.Length + 3) / 4 * 4, '='), bytes, out var count)
            ? ByteString.CopyFrom(bytes, 0, count)
            : null;
    }

    private static object? ReadEnum(EnumDescriptor type, DataScalar scalar)
    {
        if (scalar.Kind != DataKind.Number && type.FindValueByName(scalar.Text) is { } named)
            return Enum.ToObject(type.ClrType, named.Number);
        return scalar.Kind is DataKind.Number or DataKind.Plain && int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? Enum.ToObject(type.ClrType, number)
            : null;
    }

    private static string Names(EnumDescriptor type, DataScalar scalar)
    {
        var names = type.Values.Select(value => value.Name).ToList();
        return $"one of {string.Join(", ", names)}{Nearest.Question(scalar.Text, names).TrimEnd('?')}";
    }

    private static object? ReadReal(FieldType type, DataScalar scalar)
    {
        double? found = scalar.Text switch
        {
            "NaN" or ".nan" => double.NaN,
            "Infinity" or ".inf" => double.PositiveInfinity,
            "-Infinity" or "-.inf" => double.NegativeInfinity,
            _ => double.TryParse(scalar.Text, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite & ~NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture, out var parsed) && double.IsFinite(parsed) ? parsed : null,
        };
        if (found is not { } real || type == FieldType.Double)
            return found;
        return double.IsFinite(real) && float.IsInfinity((float)real) ? null : (object)(float)real;
    }

    private static object? ReadInteger(FieldType type, string text) => type switch
    {
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => Integer(text) is { } value and >= int.MinValue and <= int.MaxValue ? (int)value : null,
        FieldType.UInt32 or FieldType.Fixed32 => Integer(text) is { } value and >= 0 and <= uint.MaxValue ? (uint)value : null,
        FieldType.UInt64 or FieldType.Fixed64 => Integer(text) is { } value and >= 0 and <= ulong.MaxValue ? (ulong)value : null,
        _ => Integer(text) is { } value and >= long.MinValue and <= long.MaxValue ? (long)value : null,
    };

    /// <summary>Exact for 64 bits; <c>1e3</c> and <c>1.0</c> are integers too, as the JSON mapping says.</summary>
    private static decimal? Integer(string text)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal))
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) ? hex : null;
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out var value) && decimal.IsInteger(value) ? value : null;
    }

    private static string Range(FieldType type) => type switch
    {
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => "an integer of 32 bits",
        FieldType.UInt32 or FieldType.Fixed32 => "an integer of 32 bits, not negative",
        FieldType.UInt64 or FieldType.Fixed64 => "an integer of 64 bits, not negative",
        _ => "an integer of 64 bits",
    };
}
