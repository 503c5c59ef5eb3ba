using Google.Protobuf;
using Google.Protobuf.Reflection;
using Notify.Core.Schemas;
using Notify.Core.Schemas.Wire;

namespace Notify.Core.Types;

/// <summary>
/// A cache type known from a descriptor set alone. Key, scopes and references are read off the encoded objects, by the annotations
/// that the generator reads too: both make the same envelope. Immutable and thread safe.
/// </summary>
public sealed class DescriptorObjectType : ObjectType
{
    private readonly TypeModel _model;
    private readonly KeyLayout? _scopeLayout;
    private readonly Dictionary<string, KeyLayout> _targetLayouts;

    private DescriptorObjectType(TypeModel model, MessageDescriptor descriptor, Func<string, KeyLayout> layoutOf)
        : base(Declare(model, layoutOf))
    {
        _model = model;
        Descriptor = descriptor;
        _scopeLayout = model.Scope?.Message is { } scope ? layoutOf(scope.FullName) : null;
        _targetLayouts = model.References.DistinctBy(reference => reference.Target.FullName)
            .ToDictionary(reference => reference.Target.FullName, reference => LayoutOf(reference.Key, layoutOf), StringComparer.Ordinal);
        ObjectBytesMax = model.BytesMax > 0 ? model.BytesMax : null;
        LogsTraffic = model.LogsTraffic;
    }

    /// <inheritdoc/>
    public override MessageDescriptor Descriptor { get; }

    /// <summary>Reads all cache types of an encoded <c>FileDescriptorSet</c>, as protoc writes it with <c>--include_imports</c>; in reference order.</summary>
    /// <exception cref="InvalidSchemaException">The set cannot be read, files are missing in it, or annotations are wrong.</exception>
    public static IReadOnlyList<DescriptorObjectType> Load(ByteString descriptorSet)
    {
        try
        {
            return Load(DescriptorSets.Link(descriptorSet));
        }
        catch (FormatException e)
        {
            throw new InvalidSchemaException([e.Message + " Make the set with protoc --include_imports --descriptor_set_out."]);
        }
    }

    /// <inheritdoc/>
    public override Envelope Read(ByteString value)
    {
        try
        {
            WireCheck.Check(Descriptor, value);
            var id = new ObjectId(Name, KeyOf(value));
            var envelope = new EnvelopeBuilder();
            AddScopes(value, envelope);
            foreach (var reference in _model.References)
            {
                AddReferences(value, reference, envelope);
            }

            return envelope.Build(id, value);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or FormatException)
        {
            throw InvalidObjectException.NotOfType(Name, e.Message);
        }
    }

    internal override ObjectId? ReadId(ByteString value)
    {
        try
        {
            return _model.Key.Source == KeySource.Custom ? null : new ObjectId(Name, KeyOf(value));
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or FormatException)
        {
            throw InvalidObjectException.NotOfType(Name, e.Message);
        }
    }

    private static List<DescriptorObjectType> Load(IReadOnlyList<FileDescriptor> files)
    {
        var context = new SchemaContext(files, _ => true);
        var schema = SchemaResolver.Resolve(context);
        if (schema.Problems.Where(problem => !problem.Rule.IsWarning).Select(problem => problem.ToString()).ToList() is { Count: > 0 } problems)
        {
            throw new InvalidSchemaException([.. problems]);
        }

        var byName = context.Messages.ToDictionary(message => message.FullName, StringComparer.Ordinal);
        return [.. schema.Types.Select(type => new DescriptorObjectType(type, byName[type.Message.FullName], name => KeyLayout.FromDescriptor(byName[name])))];
    }

    private static TypeDeclaration Declare(TypeModel model, Func<string, KeyLayout> layoutOf) =>
        new(model.Message.FullName, (TypeKind)model.Kind, LayoutOf(model.Key, layoutOf))
        {
            ScopeType = model.Scope?.Message?.FullName,
            Filtered = model.Scope is not null,
            RefersTo = [.. model.RefersTo],
            Flush = model.Flush,
        };

    private static KeyLayout LayoutOf(KeyModel key, Func<string, KeyLayout> layoutOf) =>
        key.Source == KeySource.Singular ? KeyLayout.Empty : layoutOf(key.Message.FullName);

    private ByteString KeyOf(ByteString value)
    {
        var key = _model.Key switch
        {
            { Source: KeySource.Singular } => ByteString.Empty,
            { Source: KeySource.Self } => value,
            { Field: { } field } => WirePath.Read(value, new(new([field]))).Select(found => found.Bytes).FirstOrDefault()
                ?? throw InvalidObjectException.KeyNotSet(Name, field.Name),
            _ => throw new InvalidObjectException(
                Name, "", "the key is computed by code (custom_key_type) that this node does not have; write the object at a node that has it."),
        };
        var canonical = Declaration.KeyLayout.Canonicalize(key);
        return canonical.IsEmpty && Declaration.KeyLayout.Fields.Length > 0
            ? throw InvalidObjectException.KeyEmpty(Name, _model.Key.Field?.Name ?? "key")
            : canonical;
    }

    private void AddScopes(ByteString value, EnvelopeBuilder envelope)
    {
        foreach (var found in (_model.Scope?.Paths ?? default).SelectMany(path => WirePath.Read(value, path)))
        {
            if (_scopeLayout!.Canonicalize(found.Bytes) is { IsEmpty: false } key)
            {
                envelope.AddScope(new Scope(Declaration.ScopeType!, key));
            }
        }
    }

    private void AddReferences(ByteString value, ReferenceModel reference, EnvelopeBuilder envelope)
    {
        var target = reference.Target.FullName;
        var keys = reference.Form switch
        {
            ReferenceForm.Whole => WirePath.Read(value, reference.Path).Select(found => found.Bytes),
            ReferenceForm.OneField => WirePath.Read(value, reference.Path).Select(found => Put(reference, _ => found)),
            _ => [Put(reference, entry => WirePath.Read(value, entry.Source).Select(found => (WireValue?)found).FirstOrDefault())],
        };
        foreach (var key in keys.OfType<ByteString>())
        {
            var canonical = _targetLayouts[target].Canonicalize(key);
            if (!canonical.IsEmpty || reference.Key.Source == KeySource.Singular)
            {
                envelope.AddReference(new ObjectId(target, canonical));
            }
        }
    }

    /// <summary>Puts a key together, or returns null where a source has its default.</summary>
    private static ByteString? Put(ReferenceModel reference, Func<TemplateEntry, WireValue?> valueOf)
    {
        using var buffer = new MemoryStream();
        using var output = new CodedOutputStream(buffer);
        foreach (var entry in reference.Entries)
        {
            if (valueOf(entry) is not { } value || !value.IsSet(entry.KeyField.Type))
            {
                return null;
            }

            value.Write(output, entry.KeyField.Number, entry.KeyField.Type);
        }

        output.Flush();
        return UnsafeByteOperations.UnsafeWrap(buffer.ToArray());
    }
}
