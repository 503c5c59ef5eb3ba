using System.CommandLine;
using Notify.Ctl.Types;

namespace Notify.Ctl.Selecting;

/// <summary>The options by which list, watch and delete choose objects.</summary>
internal sealed class SelectionOptions
{
    public const string Notes = """
        SELECTOR is conditions with commas between that all have to hold: name=value, name!=value, name (there is one), !name (there is none).
        With -l the names are labels: the entries of an object's field 'labels'. With --field-selector they are fields of the key.
        """;

    private readonly Option<string?> _scope = new("--scope")
    {
        Description = "Only objects with this scope: the key of a cloudlet in the edge model, written like any KEY.",
        HelpName = "KEY",
    };

    private readonly Option<string?> _labels = Labels();

    private readonly Option<string?> _fields = new(ObjectSelector.FieldsOption)
    {
        Description = "Only objects whose key has these values: organization=acme,name!=x.",
        HelpName = "SELECTOR",
    };

    public static Option<string?> Labels() => new(ObjectSelector.LabelsOption, "-l")
    {
        Description = "Only objects with these labels: team=maps,stage!=test.",
        HelpName = "SELECTOR",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_scope);
        command.Options.Add(_labels);
        command.Options.Add(_fields);
    }

    public bool IsGiven(ParseResult parsed) => (parsed.GetValue(_scope) ?? parsed.GetValue(_labels) ?? parsed.GetValue(_fields)) is not null;

    /// <exception cref="CtlException">Something of it is wrong.</exception>
    public Selection Read(ParseResult parsed, IReadOnlyList<KnownType> chosen, KnownTypes types) =>
        Selection.Of(chosen, parsed.GetValue(_scope), parsed.GetValue(_labels), parsed.GetValue(_fields), types);
}
