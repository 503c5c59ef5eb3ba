using Notify.Core.Schemas;

namespace Notify.Generator.Extraction;

/// <summary>A cache type to write code for.</summary>
/// <param name="Type">The type.</param>
/// <param name="IsInternal">Its C# class is internal, so what is generated has to be.</param>
/// <param name="HintName">Name of the generated file.</param>
internal sealed record TypeUnit(TypeModel Type, bool IsInternal, string HintName);
