using System.Reflection;
using System.Security.Cryptography;
using Notify.Core.Journal;

namespace Notify.Hosting;

/// <summary>What tells this start of the process from every other. Immutable.</summary>
/// <param name="time">Says when it starts.</param>
public sealed class NodeIdentity(TimeProvider time)
{
    /// <summary>Random id of the process.</summary>
    public string Process { get; } = RandomId();

    /// <summary>The node's dynamic space.</summary>
    public Space DynamicSpace { get; } = new(RandomId(), RandomId());

    /// <summary>When the process started.</summary>
    public DateTimeOffset Started { get; } = time.GetUtcNow();

    /// <summary>Version of the program.</summary>
    public string Version { get; } =
        Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>A number from 0 to below 1, for waits.</summary>
    public static double RandomFraction() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;

    private static string RandomId() => RandomNumberGenerator.GetHexString(32, lowercase: true);
}
