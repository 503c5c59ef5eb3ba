namespace Notify.Core.Schemas;

/// <summary>Everything that a descriptor set says about cache types and message types.</summary>
/// <param name="Types">The cache types, by rank and name. One without a usable key is left out.</param>
/// <param name="Messages">The message types, by name.</param>
/// <param name="Problems">What is wrong, in the order of the files.</param>
internal sealed record SchemaModel(
    EquatableArray<TypeModel> Types, EquatableArray<MessageModel> Messages, EquatableArray<SchemaProblem> Problems);
