using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>Links descriptor sets.</summary>
internal static class DescriptorSets
{
    /// <summary>The files of an encoded <c>FileDescriptorSet</c>, whatever their order in it.</summary>
    /// <exception cref="FormatException">The bytes are no descriptor set, or files that it needs are missing. The message is a sentence.</exception>
    public static IReadOnlyList<FileDescriptor> Link(ByteString encoded)
    {
        try
        {
            var files = FileDescriptorSet.Parser.ParseFrom(encoded).File;
            return FileDescriptor.BuildFromByteStrings(InOrder(files).Select(file => file.ToByteString()));
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or DescriptorValidationException or ArgumentException)
        {
            throw new FormatException(Sentence(e.Message), e);
        }
    }

    private static string Sentence(string text) => text.TrimEnd('.') + ".";

    private static List<FileDescriptorProto> InOrder(IEnumerable<FileDescriptorProto> files)
    {
        var byName = files.GroupBy(file => file.Name).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        List<FileDescriptorProto> ordered = [];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in byName.Keys.ToList())
        {
            Visit(name, importer: name);
        }

        return ordered;

        void Visit(string name, string importer)
        {
            if (!seen.Add(name))
            {
                return;
            }

            if (!byName.TryGetValue(name, out var file))
            {
                throw new ArgumentException($"{importer} imports {name}, which is not in the set.");
            }

            foreach (var dependency in file.Dependency)
            {
                Visit(dependency, name);
            }

            ordered.Add(file);
        }
    }
}
