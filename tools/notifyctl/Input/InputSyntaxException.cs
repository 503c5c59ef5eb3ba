namespace Notify.Ctl.Input;

/// <summary>A text is neither YAML nor JSON from some place on.</summary>
internal sealed class InputSyntaxException(Place place, string message) : Exception(message)
{
    public Place Place { get; } = place;
}
