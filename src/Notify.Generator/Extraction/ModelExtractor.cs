using Google.Protobuf.Reflection;
using Microsoft.CodeAnalysis.CSharp;
using Notify.Core.Schemas;
using Notify.Generator.Emission;

namespace Notify.Generator.Extraction;

/// <summary>Turns the descriptor set of a project into its model.</summary>
internal static class ModelExtractor
{
    /// <summary>The model; what goes wrong is a problem in it. Nothing is thrown.</summary>
    public static GeneratorModel Extract(DescriptorText text)
    {
        try
        {
            return Extract(text, DescriptorSets.Link(text.Decode()));
        }
        catch (FormatException e)
        {
            return GeneratorModel.Failed(SchemaRule.DescriptorSetUnreadable, DescriptorText.FileSuffix, e.Message);
        }
#pragma warning disable CA1031 // A generator that throws is switched off with a message that helps nobody; this one says where to go.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return GeneratorModel.Failed(SchemaRule.GeneratorFailed, DescriptorText.FileSuffix, OneLine(e));
        }
    }

    /// <summary>An exception with its stack in one line, which is all a compiler shows.</summary>
    public static string OneLine(Exception e) => e.ToString().Replace("\r", "").Replace("\n", " ");

    private static GeneratorModel Extract(DescriptorText text, IReadOnlyList<FileDescriptor> files)
    {
        var listed = text.Files.GroupBy(file => file.Name, StringComparer.Ordinal).ToList();
        var own = listed.ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        var context = new SchemaContext(files, own.ContainsKey);
        var schema = SchemaResolver.Resolve(context);
        CheckNames(schema);
        schema = WithoutWrongNamespaces(schema, context);
        new NameRules(context).Check(schema, files.Where(file => own.ContainsKey(file.Name)));

        var namespaces = NamespacesOf(schema).ToList();
        var hintNames = HintNames.Of([.. schema.Types.Select(TypeHint), .. namespaces.Select(RegistrationHint)]);
        var types = schema.Types.Select(type => new TypeUnit(type, own[type.File].IsInternal, hintNames[TypeHint(type).Id]));
        var registrations = namespaces.Select(name => Registration(name, schema, own, hintNames[RegistrationHint(name).Id]));
        var problems = listed.Where(group => group.Count() > 1).Select(Twice)
            .Concat(context.Problems.Select(problem => new PlacedProblem(problem, own[problem.File].Path)));
        return new(new(types), new(registrations), new(problems));
    }

    private static PlacedProblem Twice(IGrouping<string, OwnFile> files)
    {
        var second = files.ElementAt(1);
        return new(new(SchemaRule.FileListedTwice, second.Name, 0, 0, new([second.Name, files.First().Path, second.Path])), second.Path);
    }

    /// <summary>protoc lets no such name through.</summary>
    private static void CheckNames(SchemaModel schema)
    {
        var names = schema.Types.Select(type => type.Message).Concat(schema.Messages.Select(message => message.Message)).Select(message => message.FullName);
        if (names.FirstOrDefault(name => !name.Split('.').All(SyntaxFacts.IsValidIdentifier)) is { } wrong)
        {
            throw new FormatException($"\"{wrong}\" is no name of a message.");
        }
    }

    /// <summary>protoc copies a <c>csharp_namespace</c>, whatever it is. One that the compiler refuses is reported once per file, and nothing is written for it.</summary>
    private static SchemaModel WithoutWrongNamespaces(SchemaModel schema, SchemaContext context)
    {
        var names = schema.Types.Select(type => type.Message).Concat(schema.Messages.Select(message => message.Message)).Where(name => !HasNamespace(name)).ToList();
        if (names.Count == 0)
        {
            return schema;
        }

        var wrong = new HashSet<string>(names.Select(name => name.FullName), StringComparer.Ordinal);
        foreach (var message in context.Messages.Where(message => wrong.Contains(message.FullName)).GroupBy(message => message.File).Select(file => file.First()))
        {
            context.Report(SchemaRule.NamespaceInvalid, message, CSharpNames.Namespace(MessageName.Of(message)), message.File.Name);
        }

        return schema with
        {
            Types = new(schema.Types.Where(type => HasNamespace(type.Message))),
            Messages = new(schema.Messages.Where(message => HasNamespace(message.Message))),
        };
    }

    private static bool HasNamespace(MessageName message) =>
        CSharpNames.Namespace(message) is var name
        && (name.Length == 0 || name.Split('.').All(part => SyntaxFacts.IsValidIdentifier(part) && SyntaxFacts.GetKeywordKind(part) == SyntaxKind.None));

    private static IEnumerable<string> NamespacesOf(SchemaModel schema) =>
        schema.Types.Select(type => type.Message).Concat(schema.Messages.Select(message => message.Message))
            .Select(CSharpNames.Namespace).Distinct().OrderBy(name => name, StringComparer.Ordinal);

    private static (string Id, string Name) TypeHint(TypeModel type) => ("type " + type.Message.FullName, type.Message.FullName);

    private static (string Id, string Name) RegistrationHint(string csharpNamespace) =>
        ("namespace " + csharpNamespace, CSharpNames.Registration(csharpNamespace).Replace("global::", ""));

    private static RegistrationUnit Registration(string name, SchemaModel schema, Dictionary<string, OwnFile> own, string hintName)
    {
        var types = schema.Types.Where(type => CSharpNames.Namespace(type.Message) == name).ToList();
        var messages = schema.Messages.Where(message => CSharpNames.Namespace(message.Message) == name).ToList();
        return new(
            name,
            new(types.Select(type => type.Message)),
            new(messages.Select(message => message.Message)),
            types.Select(type => type.File).Concat(messages.Select(message => message.File)).Any(file => own[file].IsInternal),
            hintName);
    }
}
