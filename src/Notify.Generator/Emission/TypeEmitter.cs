using Notify.Core.Schemas;
using Notify.Generator.Extraction;

namespace Notify.Generator.Emission;

/// <summary>Writes the class that describes a cache type, and its typed cache.</summary>
internal sealed class TypeEmitter
{
    private const string Types = "global::Notify.Core.Types";
    private readonly CodeWriter _code = new();
    private readonly TypeModel _type;
    private readonly string _access;
    private readonly string _key;
    private readonly string _object;

    private TypeEmitter(TypeUnit unit)
    {
        _type = unit.Type;
        _access = unit.IsInternal ? "internal" : "public";
        _key = CSharpNames.Class(_type.Key.Message);
        _object = CSharpNames.Class(_type.Message);
    }

    /// <summary>The source text for <paramref name="unit"/>.</summary>
    public static string Emit(TypeUnit unit) => new TypeEmitter(unit).Emit();

    private string Emit()
    {
        FileHeader.Write(_code, _type.File);
        var csharpNamespace = CSharpNames.Namespace(_type.Message);
        if (csharpNamespace.Length > 0)
        {
            _code.Line($"namespace {csharpNamespace};").Line();
        }

        TypeClass();
        _code.Line();
        CacheClass();
        return _code.ToString();
    }

    private void TypeClass()
    {
        var name = CSharpNames.Short(CSharpNames.Type(_type.Message));
        _code.Line($"/// <summary>The cache type <c>{_type.Message.FullName}</c>: how the key, scopes and references are read off its objects.</summary>");
        _code.Line($"{_access} sealed partial class {name} : {Types}.ObjectType<{_key}, {_object}>");
        _code.Open();
        if (_type.Scope?.Message is { } scope)
        {
            _code.Line($"private static readonly {Types}.KeyLayout ScopeKeys = {Layout(scope)};").Line();
        }

        Constructor(name);
        _code.Line();
        _code.Line("/// <summary>The one instance.</summary>");
        _code.Line($"public static {name} Instance {{ get; }} = new();").Line();
        KeyOf();
        Hooks();
        _code.Line();
        _code.Line("/// <inheritdoc/>");
        _code.Line($"protected override void DescribeLinks({_object} obj, {Types}.EnvelopeBuilder envelope)");
        _code.Open();
        new LinkEmitter(_code, _type).Emit();
        _code.Close();
        _code.Close();
    }

    private void Constructor(string name)
    {
        var layout = _type.Key.Source == KeySource.Singular ? $"{Types}.KeyLayout.Empty" : Layout(_type.Key.Message);
        _code.Line($"private {name}()").Indent();
        _code.Line(": base(").Indent();
        _code.Line($"new {Types}.TypeDeclaration(").Indent();
        _code.Line($"\"{_type.Message.FullName}\",");
        _code.Line($"{Types}.TypeKind.{_type.Kind},");
        var rest = DeclarationRest();
        _code.Line($"{layout}){(rest.Count == 0 ? "," : "")}").Outdent();
        if (rest.Count > 0)
        {
            _code.Open();
            rest.ForEach(line => _code.Line(line + ","));
            _code.Close("},");
        }

        _code.Line($"{_key}.Parser,");
        _code.Line($"{_object}.Parser)").Outdent().Outdent();
        _code.Open();
        if (_type.BytesMax > 0)
        {
            _code.Line($"ObjectBytesMax = {_type.BytesMax};");
        }

        if (_type.HasCustomUpdate)
        {
            _code.Line("HasUpdateHook = true;");
        }

        if (_type.HasReceiveHook)
        {
            _code.Line("HasReceiveHook = true;");
        }

        if (_type.LogsTraffic)
        {
            _code.Line("LogsTraffic = true;");
        }

        _code.Close();
    }

    /// <summary>What the declaration says beyond name, kind and key.</summary>
    private List<string> DeclarationRest()
    {
        List<string> lines = [];
        if (_type.Scope is { } scope)
        {
            if (scope.Message is not null)
            {
                lines.Add($"ScopeType = \"{scope.Message.FullName}\"");
            }

            lines.Add("Filtered = true");
        }

        if (_type.RefersTo.Count > 0)
        {
            lines.Add($"RefersTo = [{string.Join(", ", _type.RefersTo.Select(target => $"\"{target}\""))}]");
        }

        if (!_type.Flush)
        {
            lines.Add("Flush = false");
        }

        return lines;
    }

    private void KeyOf()
    {
        var body = _type.Key.Source switch
        {
            KeySource.Self => "obj",
            KeySource.Singular => "new()",
            KeySource.Custom => "ComputeKey(obj)",
            _ => $"obj.{CSharpNames.Property(_type.Key.Field!)}",
        };
        _code.Line("/// <inheritdoc/>");
        if (_type.Key.Field is { } field)
        {
            _code.Line($"public override {_key} KeyOf({_object} obj) =>").Indent();
            _code.Line($"{body} ?? throw {Types}.InvalidObjectException.KeyNotSet(Name, \"{field.Name}\");").Outdent();
            if (field.Name != "key")
            {
                _code.Line().Line("/// <inheritdoc/>");
                _code.Line($"protected override string KeyField => \"{field.Name}\";");
            }
        }
        else
        {
            _code.Line($"public override {_key} KeyOf({_object} obj) => {body};");
        }

        if (_type.Key.Source == KeySource.Custom)
        {
            _code.Line();
            _code.Line("/// <summary>Computes the key of an object (custom_key_type). Throw InvalidObjectException where it has none.</summary>");
            _code.Line($"private partial {_key} ComputeKey({_object} obj);");
        }
    }

    private void Hooks()
    {
        if (_type.HasCustomUpdate)
        {
            _code.Line().Line("/// <inheritdoc/>");
            _code.Line($"public override bool IsUpdate({Types}.Envelope before, {Types}.Envelope after) =>").Indent();
            _code.Line("DecideIsUpdate(DecodeObject(before), DecodeObject(after));").Outdent().Line();
            _code.Line("/// <summary>Decides whether an update is sent on (notify_custom_update).</summary>");
            _code.Line($"private partial bool DecideIsUpdate({_object} before, {_object} after);");
        }

        if (_type.HasReceiveHook)
        {
            _code.Line().Line("/// <inheritdoc/>");
            _code.Line($"public override void OnReceived({Types}.Envelope received) => HandleReceived(DecodeObject(received));").Line();
            _code.Line("/// <summary>Runs when an object has arrived from another node (notify_recv_hook). The object is shared: do not change it.</summary>");
            _code.Line($"private partial void HandleReceived({_object} obj);");
        }
    }

    private void CacheClass()
    {
        var name = CSharpNames.Short(CSharpNames.Cache(_type.Message));
        _code.Line($"/// <summary>The mirrored objects of <c>{_type.Message.FullName}</c>. Thread safe.</summary>");
        _code.Line("/// <param name=\"mirror\">The mirror that holds them.</param>");
        _code.Line($"{_access} sealed partial class {name}(global::Notify.Core.Caches.Mirror mirror)").Indent();
        _code.Line($": global::Notify.Core.Caches.ObjectCache<{_key}, {_object}>(mirror, {CSharpNames.Type(_type.Message)}.Instance);").Outdent();
    }

    private static string Layout(MessageName message) => $"{Types}.KeyLayout.FromDescriptor({CSharpNames.Class(message)}.Descriptor)";
}
