namespace Notify.Ctl;

/// <summary>A command ends without having done what was asked.</summary>
/// <param name="code">What the process ends with.</param>
/// <param name="message">What went wrong; may have several lines.</param>
/// <param name="remedy">What to do about it, or null where the message says it.</param>
internal sealed class CtlException(ExitCode code, string message, string? remedy = null) : Exception(message)
{
    public ExitCode Code { get; } = code;

    public string? Remedy { get; } = remedy;
}
