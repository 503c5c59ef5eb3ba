using System.Text;
using Microsoft.CodeAnalysis.CSharp;
using Notify.Core.Schemas;

namespace Notify.Generator.Emission;

/// <summary>The names that protoc gives C# classes and properties, and those that the generator adds.</summary>
internal static class CSharpNames
{
    // Members of every generated message; protoc evades them with an underscore.
    private static readonly HashSet<string> MessageMembers = new(StringComparer.Ordinal)
    {
        "Types", "Descriptor", "Equals", "ToString", "GetHashCode", "WriteTo", "Clone", "CalculateSize", "MergeFrom", "OnConstruction", "Parser",
    };

    public static string Namespace(MessageName message) =>
        message.CSharpNamespace.Length > 0 ? message.CSharpNamespace : string.Join(".", message.Package.Split('.').Select(Pascal));

    /// <summary>The message's class with everything before it: <c>global::Acme.Outer.Types.Inner</c>.</summary>
    public static string Class(MessageName message) => Global(Namespace(message), Relative(message).Replace(".", ".Types."));

    /// <summary>The class that describes the cache type.</summary>
    public static string Type(MessageName message) => Global(Namespace(message), Simple(message) + "Type");

    /// <summary>The class of its typed cache.</summary>
    public static string Cache(MessageName message) => Global(Namespace(message), Simple(message) + "Cache");

    /// <summary>The class that lists all types of a namespace, named by its last part.</summary>
    public static string Registration(string csharpNamespace) => Global(csharpNamespace, csharpNamespace.Split('.').Last() + "Types");

    /// <summary>The last part of a name.</summary>
    public static string Short(string name) => name.Substring(Math.Max(name.LastIndexOf('.'), name.LastIndexOf(':')) + 1);

    public static string Property(FieldStep field)
    {
        var name = Pascal(field.Name);
        return name == field.Container || MessageMembers.Contains(name) ? name + "_" : name;
    }

    /// <summary>A name for a local variable that holds the field's value.</summary>
    public static string Local(FieldStep field)
    {
        var name = Pascal(field.Name).TrimStart('_');
        var local = name.Length == 0 || name[0] is >= '0' and <= '9' ? "value" + name : char.ToLowerInvariant(name[0]) + name.Substring(1);
        return SyntaxFacts.GetKeywordKind(local) == SyntaxKind.None ? local : local + "Value";
    }

    private static string Global(string csharpNamespace, string name) => csharpNamespace.Length == 0 ? $"global::{name}" : $"global::{csharpNamespace}.{name}";

    private static string Relative(MessageName message) => message.Package.Length == 0 ? message.FullName : message.FullName.Substring(message.Package.Length + 1);

    private static string Simple(MessageName message) => Relative(message).Replace(".", "");

    /// <summary>protoc's rule: a letter after anything but a letter is a capital, and what is neither letter nor digit goes.</summary>
    private static string Pascal(string name)
    {
        var result = new StringBuilder();
        var capital = true;
        foreach (var c in name)
        {
            var isLetter = c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');
            if (isLetter || c is >= '0' and <= '9')
            {
                result.Append(capital && c is >= 'a' and <= 'z' ? (char)(c - 'a' + 'A') : c);
            }

            capital = !isLetter;
        }

        // A name that would start with a digit keeps its underscore.
        return result.Length > 0 && result[0] is >= '0' and <= '9' && name[0] == '_' ? "_" + result : result.ToString();
    }
}
