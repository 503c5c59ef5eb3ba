using Google.Protobuf.Reflection;
using Notify.Edge;

namespace Notify.Hosts.Tests.Support;

/// <summary>Descriptor sets, as <c>--types</c> takes them.</summary>
internal static class Descriptors
{
    /// <summary>The files of the edge model with all that they import.</summary>
    public static FileDescriptorSet OfEdge()
    {
        var set = new FileDescriptorSet();
        var seen = new HashSet<string>();
        foreach (var type in EdgeTypes.All)
        {
            Add(type.Descriptor.File);
        }

        return set;

        void Add(FileDescriptor file)
        {
            if (seen.Add(file.Name))
            {
                foreach (var dependency in file.Dependencies)
                {
                    Add(dependency);
                }

                set.File.Add(FileDescriptorProto.Parser.ParseFrom(file.SerializedData));
            }
        }
    }
}
