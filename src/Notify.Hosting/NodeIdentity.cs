using System.Reflection;

namespace Notify.Hosting;

/// <summary>The program and this start of it. Immutable.</summary>
/// <param name="time">Says when it starts.</param>
public sealed class NodeIdentity(TimeProvider time)
{
    /// <summary>When the process started.</summary>
    public DateTimeOffset Started { get; } = time.GetUtcNow();

    /// <summary>Version of the program.</summary>
    public string Version { get; } =
        Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}
