namespace Notify.Core.Schemas;

/// <summary>The key of a cache type.</summary>
/// <param name="Source">Where it comes from.</param>
/// <param name="Message">The key message.</param>
/// <param name="Field">The field that holds it, for <see cref="KeySource.Field"/>; otherwise null.</param>
internal sealed record KeyModel(KeySource Source, MessageName Message, FieldStep? Field = null);
