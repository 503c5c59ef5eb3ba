namespace Notify.Core.Types;

/// <summary>An object cannot be mirrored or stored as it is; <see cref="Field"/> names what is wrong.</summary>
public sealed class InvalidObjectException : NotifyException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="type">Full name of the object's type.</param>
    /// <param name="field">Path of the field that is wrong, or an empty string for the whole object.</param>
    /// <param name="problem">What is wrong and what to do, as a sentence without the names.</param>
    public InvalidObjectException(string type, string field, string problem)
        : base(field.Length == 0 ? $"{type}: {problem}" : $"{type}: field '{field}' {problem}")
    {
        ObjectType = type;
        Field = field;
    }

    /// <summary>Full name of the object's type.</summary>
    public string ObjectType { get; }

    /// <summary>Path of the field that is wrong, or an empty string for the whole object.</summary>
    public string Field { get; }

    /// <summary>For an object whose key field is not set.</summary>
    public static InvalidObjectException KeyNotSet(string type, string field) => new(type, field, "is not set; it is the key.");

    /// <summary>For an object whose key has no field set.</summary>
    public static InvalidObjectException KeyEmpty(string type, string field) => new(type, field, "is empty; set at least one of its fields.");

    /// <summary>For bytes that are no message of the type; <paramref name="problem"/> is a sentence.</summary>
    public static InvalidObjectException NotOfType(string type, string problem) => new(type, "", $"the bytes are no {type}: {problem}");
}
