using Google.Protobuf.Reflection;
using Notify.Annotations;

namespace Notify.Generator.Tests.Support;

/// <summary>A proto file put together in memory.</summary>
internal sealed class SchemaFile
{
    public SchemaFile(string name = "test.proto", string package = "test")
    {
        Proto = new() { Name = name, Package = package, Syntax = "proto3", Options = new() { CsharpNamespace = "Test" }, SourceCodeInfo = new() };
        Proto.Dependency.Add(OptionsReflection.Descriptor.Name);
    }

    public FileDescriptorProto Proto { get; }

    /// <summary>Adds a message; its declaration is on the line with ten times its index, from 1.</summary>
    public SchemaFile Message(string name, Action<SchemaMessage> define)
    {
        var message = new DescriptorProto { Name = name, Options = new() };
        var location = new SourceCodeInfo.Types.Location();
        location.Path.Add([FileDescriptorProto.MessageTypeFieldNumber, Proto.MessageType.Count]);
        location.Span.Add([(Proto.MessageType.Count * 10) + 9, 0, 1]);
        Proto.SourceCodeInfo.Location.Add(location);
        Proto.MessageType.Add(message);
        define(new(message));
        return this;
    }

    /// <summary>Adds a message with <c>obj_key</c> and one string, <c>name</c>.</summary>
    public SchemaFile Key(string name) => Message(name, message => message.Set(OptionsExtensions.ObjKey).Text("name", 1));

    /// <summary>Adds a cache type with a key message of its own.</summary>
    public SchemaFile Cache(string name, Action<SchemaMessage>? define = null) => Key(name + "Key").Message(name, message =>
    {
        message.Set(OptionsExtensions.NotifyCache).Holding("key", 1, name + "Key");
        define?.Invoke(message);
    });

    public SchemaFile Import(SchemaFile other)
    {
        Proto.Dependency.Add(other.Proto.Name);
        return this;
    }
}
