namespace Notify.Core.Schemas;

/// <summary>The scopes of a filtered cache type.</summary>
/// <param name="Message">The scope key message, or null where objects have no scope and come by reference only.</param>
/// <param name="Paths">The places that hold scope keys; the empty path says that the object itself is one.</param>
internal sealed record ScopeModel(MessageName? Message, EquatableArray<FieldPath> Paths);
