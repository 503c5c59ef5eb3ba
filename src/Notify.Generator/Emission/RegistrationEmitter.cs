using Notify.Core.Schemas;
using Notify.Generator.Extraction;

namespace Notify.Generator.Emission;

/// <summary>Writes the class that lists the types of one namespace.</summary>
internal static class RegistrationEmitter
{
    public static string Emit(RegistrationUnit unit)
    {
        var code = new CodeWriter();
        FileHeader.Write(code, $"all proto files of {unit.CSharpNamespace}");
        if (unit.CSharpNamespace.Length > 0)
        {
            code.Line($"namespace {unit.CSharpNamespace};").Line();
        }

        code.Line($"/// <summary>The cache types and message types of <c>{unit.CSharpNamespace}</c>, to be registered with a node.</summary>");
        code.Line($"{(unit.IsInternal ? "internal" : "public")} static partial class {CSharpNames.Short(CSharpNames.Registration(unit.CSharpNamespace))}");
        code.Open();
        code.Line("/// <summary>The cache types in reference order: each after what it refers to.</summary>");
        List(code, "global::Notify.Core.Types.ObjectType", "All", unit.Types.Select(type => $"{CSharpNames.Type(type)}.Instance"));
        code.Line();
        code.Line("/// <summary>The message types by name.</summary>");
        List(code, "global::Notify.Core.Messages.MessageType", "Messages", unit.Messages.Select(Message));
        code.Close();
        return code.ToString();
    }

    private static void List(CodeWriter code, string element, string name, IEnumerable<string> items)
    {
        code.Line($"public static global::System.Collections.Generic.IReadOnlyList<{element}> {name} {{ get; }} =");
        code.Line("[").Indent();
        foreach (var item in items)
        {
            code.Line($"{item},");
        }

        code.Close("];");
    }

    private static string Message(MessageName message)
    {
        var name = CSharpNames.Class(message);
        return $"new global::Notify.Core.Messages.MessageType<{name}>(\"{message.FullName}\", {name}.Parser)";
    }
}
