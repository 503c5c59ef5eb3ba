using System.Text.RegularExpressions;
using Notify.Annotations;
using Notify.Core.Schemas;
using Notify.Generator.Tests.Support;

namespace Notify.Generator.Tests;

/// <summary>docs/annotations.md has a row for each option and no others, and each row has a test.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Page = File.ReadAllText(Repository.Path("docs", "annotations.md"));

    [Fact]
    public void Options_HaveOneRowEach()
    {
        var declared = OptionsReflection.Descriptor.Extensions.UnorderedExtensions.Select(option => (option.Name, option.FieldNumber));
        var documented = OptionRow().Matches(Page).Select(row => (row.Groups["name"].Value, int.Parse(row.Groups["number"].ValueSpan)));
        Assert.Equal(declared.OrderBy(option => option.FieldNumber), documented.OrderBy(option => option.Item2));
    }

    [Fact]
    public void Options_HaveATestEach()
    {
        var tested = typeof(DocumentationTests).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .SelectMany(test => test.GetCustomAttributesData().Where(IsOption).Select(option => (Test: test, Option: (string)option.ConstructorArguments[1].Value!)))
            .ToList();
        Assert.All(tested, pair => Assert.Contains(pair.Test.GetCustomAttributesData(), attribute => attribute.AttributeType.IsAssignableTo(typeof(FactAttribute))));

        var documented = OptionRow().Matches(Page).Select(row => row.Groups["name"].Value);
        Assert.Equal(documented.Order(StringComparer.Ordinal), tested.Select(pair => pair.Option).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Options_AreThoseOfTheSchemaRules()
    {
        var declared = OptionsReflection.Descriptor.Extensions.UnorderedExtensions
            .Select(option => new OptionDeclaration(option.FieldNumber, option.Name, option.FieldType)).OrderBy(option => option.Number);
        Assert.Equal(declared, OptionDeclaration.OfMessages.Concat(OptionDeclaration.OfFields).OrderBy(option => option.Number));
    }

    private static bool IsOption(System.Reflection.CustomAttributeData attribute) =>
        attribute.AttributeType == typeof(TraitAttribute) && (string)attribute.ConstructorArguments[0].Value! == "Option";

    [GeneratedRegex(@"^\| `(?<name>\w+)` \| (?<number>\d+) \|", RegexOptions.Multiline)]
    private static partial Regex OptionRow();
}
