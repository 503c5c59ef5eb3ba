using Google.Protobuf.Reflection;
using Notify.Core.Schemas;
using Notify.Generator.Emission;

namespace Notify.Generator.Extraction;

/// <summary>Finds generated classes whose names are taken.</summary>
internal static class NameRules
{
    public static IEnumerable<SchemaProblem> Check(SchemaModel schema, IEnumerable<FileDescriptor> files)
    {
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            foreach (var message in file.MessageTypes)
            {
                taken[CSharpNames.Class(MessageName.Of(message))] = message.FullName;
            }

            foreach (var type in file.EnumTypes)
            {
                var sameNamespace = new MessageName(type.FullName, file.Package, file.GetOptions()?.CsharpNamespace ?? "");
                taken[CSharpNames.Class(sameNamespace)] = type.FullName;
            }
        }

        foreach (var type in schema.Types)
        {
            foreach (var name in new[] { CSharpNames.Type(type.Message), CSharpNames.Cache(type.Message), CSharpNames.Registration(CSharpNames.Namespace(type.Message)) })
            {
                if (taken.TryGetValue(name, out var holder) && holder != Registrar)
                {
                    yield return new(
                        SchemaRule.NameTaken, type.File, 0, 0, new([$"{type.Message.FullName} ({type.File})", CSharpNames.Short(name), holder]));
                }

                taken[name] = name == CSharpNames.Registration(CSharpNames.Namespace(type.Message)) ? Registrar : type.Message.FullName;
            }
        }
    }

    private const string Registrar = "the registration of the namespace";
}
