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
        var own = text.Files.ToDictionary(file => file.Name, StringComparer.Ordinal);
        var context = new SchemaContext(files, own.ContainsKey);
        var schema = SchemaResolver.Resolve(context);
        CheckNames(schema);
        new NameRules(context).Check(schema, files.Where(file => own.ContainsKey(file.Name)));
        var types = schema.Types.Select(type => new TypeUnit(type, own[type.File].IsInternal));
        var problems = context.Problems.Select(problem => new PlacedProblem(problem, own[problem.File].Path));
        return new(new(types), new(Registrations(schema, own)), new(problems));
    }

    /// <summary>protoc lets no such name through, but for a csharp_namespace, which it copies.</summary>
    private static void CheckNames(SchemaModel schema)
    {
        var names = schema.Types.Select(type => type.Message).Concat(schema.Messages.Select(message => message.Message))
            .SelectMany(message => new[] { message.FullName, CSharpNames.Namespace(message) });
        if (names.FirstOrDefault(name => name.Length > 0 && !name.Split('.').All(SyntaxFacts.IsValidIdentifier)) is { } wrong)
        {
            throw new FormatException($"\"{wrong}\" is no name of a message or namespace.");
        }
    }

    private static IEnumerable<RegistrationUnit> Registrations(SchemaModel schema, Dictionary<string, OwnFile> own)
    {
        var types = schema.Types.ToLookup(type => CSharpNames.Namespace(type.Message));
        var messages = schema.Messages.ToLookup(message => CSharpNames.Namespace(message.Message));
        return types.Concat<IGrouping<string, object>>(messages).Select(group => group.Key).Distinct().OrderBy(name => name, StringComparer.Ordinal)
            .Select(name => new RegistrationUnit(
                name,
                new(types[name].Select(type => type.Message)),
                new(messages[name].Select(message => message.Message)),
                types[name].Select(type => type.File).Concat(messages[name].Select(message => message.File)).Any(file => own[file].IsInternal)));
    }
}
