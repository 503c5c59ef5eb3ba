namespace Notify.Core;

/// <summary>Base of every exception that Notify throws on purpose. Catch a sealed child to act on its typed properties.</summary>
public abstract class NotifyException : Exception
{
    /// <summary>Creates the exception with a message that says what is wrong and what to do.</summary>
    protected NotifyException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and the failure below it.</summary>
    protected NotifyException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
