namespace Notify.Core.Schemas;

/// <summary>One way in which objects of a type refer to others.</summary>
/// <param name="Form">How the key of the target is found.</param>
/// <param name="Target">The cache type referred to.</param>
/// <param name="Key">Its key.</param>
/// <param name="Path">The referring field; empty for a template.</param>
/// <param name="Entries">The fields of the target's key and where they come from: one for <see cref="ReferenceForm.OneField"/>, whose source is empty.</param>
internal sealed record ReferenceModel(
    ReferenceForm Form, MessageName Target, KeyModel Key, FieldPath Path, EquatableArray<TemplateEntry> Entries);
