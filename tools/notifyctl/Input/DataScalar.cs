namespace Notify.Ctl.Input;

/// <summary>A single value.</summary>
internal sealed record DataScalar(Place Place, string Text, DataKind Kind) : DataNode(Place)
{
    /// <summary>Stands for a value that is not set.</summary>
    public bool IsNull => Kind == DataKind.Null || (Kind == DataKind.Plain && Text is "" or "~" or "null" or "Null" or "NULL");

    public override string Describe() => Kind == DataKind.Text ? $"the text \"{Shown}\"" : $"'{Shown}'";

    private string Shown => Text.Length <= 60 ? Text : Text[..60] + "...";
}
