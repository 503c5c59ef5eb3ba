using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>A message and where its C# class is.</summary>
/// <param name="FullName">Full name of the message.</param>
/// <param name="Package">Package of its file.</param>
/// <param name="CSharpNamespace">The file's <c>csharp_namespace</c>, empty where it has none.</param>
internal sealed record MessageName(string FullName, string Package, string CSharpNamespace)
{
    public static MessageName Of(MessageDescriptor message) =>
        new(message.FullName, message.File.Package, message.File.GetOptions()?.CsharpNamespace ?? "");
}
