namespace Notify.Generator.Extraction;

/// <summary>A proto file of the project itself.</summary>
/// <param name="Name">Its name for protoc, as other files import it.</param>
/// <param name="IsInternal">Its C# classes are internal.</param>
/// <param name="Path">Where it is, for the places of diagnostics.</param>
internal sealed record OwnFile(string Name, bool IsInternal, string Path);
