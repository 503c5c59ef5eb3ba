using Google.Protobuf.Reflection;
using Notify.Core.Types;
using Notify.Edge;

namespace Notify.Ctl.Types;

/// <summary>The cache types that this program knows.</summary>
internal sealed class KnownTypes
{
    private readonly Dictionary<string, KnownType> _byName;

    /// <param name="types">In reference order.</param>
    public KnownTypes(IEnumerable<ObjectType> types)
    {
        All = [.. types.OfType<CompiledObjectType>().Select((type, rank) => new KnownType(type, rank))];
        _byName = All.ToDictionary(type => type.Name, StringComparer.Ordinal);
        Registry = TypeRegistry.FromFiles(All.Select(type => type.Descriptor.File).Distinct());
    }

    /// <summary>Those of the edge model.</summary>
    public static KnownTypes Edge { get; } = new(EdgeTypes.All);

    /// <summary>In reference order.</summary>
    public IReadOnlyList<KnownType> All { get; }

    /// <summary>For objects within objects.</summary>
    public TypeRegistry Registry { get; }

    /// <summary>Finds a type by its full or short name, its plural or its abbreviation, whatever the case of its letters.</summary>
    public KnownType? Find(string name)
    {
        if (_byName.TryGetValue(name, out var exact) || _byName.TryGetValue(KnownType.ShortPackage + name, out exact))
            return exact;
        var alike = All.Where(type => type.Answers(name)).ToList();
        return alike.Count == 1 ? alike[0] : null;
    }

    /// <summary>The type of an object as it travels; null where it is not known.</summary>
    public KnownType? OfUrl(string typeUrl) => _byName.GetValueOrDefault(KnownType.NameOfUrl(typeUrl));

    /// <summary>As <see cref="Find"/>, for a name on the command line.</summary>
    /// <exception cref="CtlException">There is no such type.</exception>
    public KnownType Get(string name) => Find(name) ?? throw new CtlException(ExitCode.Usage, DescribeUnknown(name));

    /// <summary>The message of a scope or another key, by its full name.</summary>
    public MessageDescriptor? FindMessage(string fullName) => Registry.Find(fullName);

    public string DescribeUnknown(string name)
    {
        var names = All.Select(type => type.ShortName).Order(StringComparer.Ordinal).ToList();
        var question = Nearest.Question(KnownType.Shorten(name), names);
        return $"there is no type '{name}'{(question.Length > 0 ? question : ".")} Known types: {string.Join(", ", names)}.";
    }
}
