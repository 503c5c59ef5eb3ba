namespace Notify.Core.Types;

/// <summary>Two nodes, or two versions of a schema, disagree about a type in a way that cannot be mirrored.</summary>
public sealed class TypeConflictException(string type, string problem)
    : NotifyException($"{type}: {problem}")
{
    /// <summary>Full name of the type.</summary>
    public string ObjectType { get; } = type;
}
