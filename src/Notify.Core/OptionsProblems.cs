using System.Runtime.CompilerServices;

namespace Notify.Core;

/// <summary>Collects what is wrong with options, so that all of it is reported at once.</summary>
/// <param name="path">What the options are called where they are set.</param>
internal sealed class OptionsProblems(string path) : List<string>
{
    public void AtLeast(long least, long value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value < least)
        {
            Add($"{path}.{name} is {value}; it must be at least {least}.");
        }
    }

    public void AtMost(
        long most,
        long value,
        [CallerArgumentExpression(nameof(most))] string mostName = "",
        [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value > most)
        {
            Add($"{path}.{name} is {value}; it must be at most {mostName}, which is {most}.");
        }
    }
}
