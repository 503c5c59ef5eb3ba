namespace Notify.Ctl.Tests;

/// <summary>The program as a file, to be run by others.</summary>
internal static class CtlProgram
{
    public static string Dotnet { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "notifyctl.dll");

    /// <summary>As a command of a shell.</summary>
    public static string Command => $"'{Dotnet}' '{Assembly}'";
}
