using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Notify.Harness.Demo.Processes;

/// <summary>Signals of Linux, which .NET does not send itself.</summary>
internal static class Signal
{
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>Sends a signal; false if there is no such process any more.</summary>
    /// <exception cref="Win32Exception">The signal was refused.</exception>
    public static bool Send(int processId, int signal)
    {
        const int noSuchProcess = 3;
        if (NativeKill(processId, signal) == 0)
            return true;
        var error = Marshal.GetLastPInvokeError();
        return error == noSuchProcess ? false : throw new Win32Exception(error);
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int NativeKill(int processId, int signal);
}
