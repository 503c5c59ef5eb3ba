using Notify.Core.Schemas;

namespace Notify.Generator.Extraction;

/// <summary>All that is written and reported for one project. Equal models make equal output, so nothing runs again.</summary>
internal sealed record GeneratorModel(
    EquatableArray<TypeUnit> Types, EquatableArray<RegistrationUnit> Registrations, EquatableArray<PlacedProblem> Problems)
{
    public static GeneratorModel Empty { get; } = new(default, default, default);

    public static GeneratorModel Failed(SchemaRule rule, params string[] arguments) =>
        Empty with { Problems = new([new(new(rule, "", 0, 0, new(arguments)), "")]) };
}
