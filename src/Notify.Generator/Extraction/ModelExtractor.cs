using Google.Protobuf.Reflection;
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
            return GeneratorModel.Failed(SchemaRule.GeneratorFailed, DescriptorText.FileSuffix, e.ToString().Replace("\r", "").Replace("\n", " "));
        }
    }

    private static GeneratorModel Extract(DescriptorText text, IReadOnlyList<FileDescriptor> files)
    {
        var own = text.Files.ToDictionary(file => file.Name, StringComparer.Ordinal);
        var schema = SchemaResolver.Resolve(new(files, own.ContainsKey));
        var taken = NameRules.Check(schema, files.Where(file => own.ContainsKey(file.Name)));
        var types = schema.Types.Select(type => new TypeUnit(type, own[type.File].IsInternal));
        var problems = schema.Problems.Concat(taken).Select(problem => new PlacedProblem(problem, own[problem.File].Path));
        return new(new(types), new(Registrations(schema, own)), new(problems));
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
