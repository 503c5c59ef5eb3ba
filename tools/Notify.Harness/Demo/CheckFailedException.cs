namespace Notify.Harness.Demo;

/// <summary>What was expected did not come; the message says what was and what came instead, in a line.</summary>
internal sealed class CheckFailedException(string message, Exception? innerException = null) : Exception(message, innerException);
