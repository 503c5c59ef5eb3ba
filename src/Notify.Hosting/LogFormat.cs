namespace Notify.Hosting;

/// <summary>How a program writes its log to standard error.</summary>
public enum LogFormat
{
    /// <summary>Short lines for people, coloured on a terminal.</summary>
    Text = 0,

    /// <summary>One JSON object per line.</summary>
    Json = 1,
}
