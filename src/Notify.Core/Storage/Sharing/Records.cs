using Google.Protobuf;
using Google.Protobuf.Reflection;
using Notify.Core.Protocol;
using Notify.Core.Types;
using Envelope = Notify.Core.Types.Envelope;
using TypeDeclaration = Notify.Core.Types.TypeDeclaration;
using TypeKind = Notify.Core.Types.TypeKind;

namespace Notify.Core.Storage.Sharing;

/// <summary>The records of controllers as stored objects; <c>notify/v1/records.proto</c> says what they mean.</summary>
internal static class Records
{
    /// <summary>The type of <see cref="ControllerRecord"/>.</summary>
    public static TypeDeclaration Controllers { get; } = Declare(ControllerRecord.Descriptor, ControllerKey.Descriptor);

    /// <summary>The type of <see cref="AttachRecord"/>.</summary>
    public static TypeDeclaration Attachments { get; } = Declare(AttachRecord.Descriptor, AttachKey.Descriptor);

    /// <summary>True for types that controllers alone write.</summary>
    public static bool Has(string type) => type == Controllers.Name || type == Attachments.Name;

    public static Envelope Controller(string process, string node)
    {
        var record = new ControllerRecord { Key = new ControllerKey { Process = process }, Node = node };
        return new Envelope(new ObjectId(Controllers.Name, record.Key.ToByteString()), record.ToByteString());
    }

    public static ObjectId AttachId(string node) => new(Attachments.Name, new AttachKey { Node = node }.ToByteString());

    public static Envelope Attach(string node, long attachment, string process, string controller, IEnumerable<long> path)
    {
        var record = new AttachRecord { Key = new AttachKey { Node = node }, Attachment = attachment, Process = process, Controller = controller };
        record.Path.Add(path);
        return new Envelope(AttachId(node), record.ToByteString());
    }

    private static TypeDeclaration Declare(MessageDescriptor record, MessageDescriptor key) =>
        new(record.FullName, TypeKind.Stored, KeyLayout.FromDescriptor(key));
}
