using Google.Protobuf.Reflection;

namespace Notify.Server.Reflection;

/// <summary>What a server can tell of itself, by name. Immutable.</summary>
internal sealed class ReflectionIndex
{
    private readonly Dictionary<string, FileDescriptor> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _symbols = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<int, FileDescriptor>> _extensions = new(StringComparer.Ordinal);

    /// <param name="services">Full names of the services that are served.</param>
    /// <param name="files">Files; what they import is added. Of two with one name the first counts.</param>
    public ReflectionIndex(IEnumerable<string> services, IEnumerable<FileDescriptor> files)
    {
        Services = [.. services.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        foreach (var file in files)
        {
            Add(file);
        }
    }

    /// <summary>Full names, in order.</summary>
    public IReadOnlyList<string> Services { get; }

    public FileDescriptor? FindFile(string name) => _files.GetValueOrDefault(name);

    /// <summary>The file that declares a message, an enum, a service, a method or an extension.</summary>
    public FileDescriptor? FindSymbol(string fullName) => _symbols.GetValueOrDefault(fullName);

    public FileDescriptor? FindExtension(string type, int number) => _extensions.GetValueOrDefault(type)?.GetValueOrDefault(number);

    /// <summary>The numbers, in order; null where there is no such message.</summary>
    public IEnumerable<int>? ExtensionsOf(string type) =>
        _extensions.TryGetValue(type, out var numbers) ? numbers.Keys : _symbols.ContainsKey(type) ? [] : null;

    private void Add(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (var import in file.Dependencies)
        {
            Add(import);
        }

        AddSymbols(file.MessageTypes);
        AddSymbols(file.EnumTypes);
        AddSymbols(file.Services);
        AddSymbols(file.Services.SelectMany(service => service.Methods));
        AddExtensions(file.Extensions);
    }

    private void AddSymbols(IEnumerable<IDescriptor> declared)
    {
        foreach (var descriptor in declared)
        {
            _symbols.TryAdd(descriptor.FullName, descriptor.File);
            if (descriptor is MessageDescriptor message)
            {
                AddSymbols(message.NestedTypes);
                AddSymbols(message.EnumTypes);
                AddExtensions(message.Extensions);
            }
        }
    }

    private void AddExtensions(ExtensionCollection? declared)
    {
        foreach (var extension in declared?.UnorderedExtensions ?? [])
        {
            _symbols.TryAdd(extension.FullName, extension.File);
            if (!_extensions.TryGetValue(extension.ExtendeeType.FullName, out var numbers))
            {
                _extensions.Add(extension.ExtendeeType.FullName, numbers = []);
            }

            numbers.TryAdd(extension.FieldNumber, extension.File);
        }
    }
}
