namespace Notify.Ctl.Input;

/// <summary>Where something stands in the input.</summary>
/// <param name="File">Path as it was given, <c>stdin</c>, or what else the text came from.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units.</param>
internal readonly record struct Place(string File, int Line, int Column)
{
    public override string ToString() => $"{File}:{Line}:{Column}";
}
