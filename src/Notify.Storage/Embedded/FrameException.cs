namespace Notify.Storage.Embedded;

/// <summary>There is no whole frame where one was expected.</summary>
internal sealed class FrameException(string message) : IOException(message);
