using Notify.Core.Schemas;

namespace Notify.Generator.Extraction;

/// <summary>The types of one C# namespace, which are registered together.</summary>
/// <param name="CSharpNamespace">The namespace.</param>
/// <param name="Types">Its cache types in reference order.</param>
/// <param name="Messages">Its message types by name.</param>
/// <param name="IsInternal">One of the C# classes is internal.</param>
/// <param name="HintName">Name of the generated file.</param>
internal sealed record RegistrationUnit(
    string CSharpNamespace, EquatableArray<MessageName> Types, EquatableArray<MessageName> Messages, bool IsInternal, string HintName);
