using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>What <c>notify/options.proto</c> lets a file say about a message.</summary>
internal sealed class MessageAnnotations
{
    private readonly OptionReader _options;

    public MessageAnnotations(MessageDescriptor message, OptionDeclarations declarations)
    {
        _options = declarations.Read(message.GetOptions());
        Ignored = [.. Text(51054).Split(',').Select(name => name.Trim()).Where(name => name.Length > 0)];
        References = [.. _options.Messages(52503).Select(ReadReference)];
    }

    /// <summary>The options as they are written.</summary>
    public OptionReader Written => _options;

    public bool IsKey => Flag(51007);

    public bool IsCache => Flag(51010);

    public bool IsMessage => Flag(51016);

    public bool HasCustomUpdate => Flag(51017);

    public bool HasReceiveHook => Flag(51018);

    public bool IsFilteredByCloudletKey => Flag(51019);

    /// <summary>Null where the file does not say.</summary>
    public bool? Flush => _options.Flag(51020);

    public bool LogsTraffic => Flag(51022);

    public bool IsOwnKey => Flag(51032);

    public string CustomKeyType => Text(51038);

    public bool IsSingular => Flag(51039);

    /// <summary>Names of the types whose references are not followed.</summary>
    public IReadOnlyList<string> Ignored { get; }

    /// <summary>No reference is followed: what the option says where it is declared as a bool, as edge-cloud does.</summary>
    public bool IgnoresAll => Flag(51054);

    public bool IsDynamic => Flag(52500);

    public bool IsShared => Flag(52501);

    public string ScopeKey => Text(52502);

    public IReadOnlyList<TemplateText> References { get; }

    public ulong BytesMax => _options.Number(52504);

    private static TemplateText ReadReference(ByteString encoded)
    {
        var reference = new OptionReader(encoded);
        return new(reference.Text(1), [.. reference.Texts(2)]);
    }

    private bool Flag(int number) => _options.IsSet(number);

    private string Text(int number) => _options.Text(number);
}
