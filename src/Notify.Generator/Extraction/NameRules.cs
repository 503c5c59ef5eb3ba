using Google.Protobuf.Reflection;
using Notify.Core.Schemas;
using Notify.Generator.Emission;

namespace Notify.Generator.Extraction;

/// <summary>Finds generated classes whose names are taken.</summary>
internal sealed class NameRules(SchemaContext context)
{
    private readonly Dictionary<string, string> _taken = new(StringComparer.Ordinal);

    /// <summary>Reports each type of which a generated class would clash with a class of protoc, or of another type.</summary>
    public void Check(SchemaModel schema, IEnumerable<FileDescriptor> files)
    {
        foreach (var file in files)
        {
            foreach (var message in file.MessageTypes)
            {
                _taken[CSharpNames.Class(MessageName.Of(message))] = message.FullName;
            }

            foreach (var type in file.EnumTypes)
            {
                _taken[CSharpNames.Class(new(type.FullName, file.Package, file.GetOptions()?.CsharpNamespace ?? ""))] = type.FullName;
            }
        }

        // The registration is one per namespace, so the first type there claims its name for all.
        var messages = schema.Types.Select(type => type.Message).Concat(schema.Messages.Select(message => message.Message));
        foreach (var group in messages.GroupBy(CSharpNames.Namespace))
        {
            Claim(CSharpNames.Registration(group.Key), group.First());
        }

        foreach (var type in schema.Types)
        {
            Claim(CSharpNames.Type(type.Message), type.Message);
            Claim(CSharpNames.Cache(type.Message), type.Message);
        }
    }

    private void Claim(string name, MessageName type)
    {
        if (_taken.TryGetValue(name, out var holder))
        {
            var message = context.Messages.First(candidate => candidate.FullName == type.FullName);
            context.Report(SchemaRule.NameTaken, message, CSharpNames.Short(name), holder);
        }

        _taken[name] = type.FullName;
    }
}
