namespace Notify.Core.Schemas;

/// <summary>One field of a key that is put together.</summary>
/// <param name="KeyField">The field of the target's key.</param>
/// <param name="Source">Where its value comes from.</param>
internal sealed record TemplateEntry(FieldStep KeyField, FieldPath Source);
