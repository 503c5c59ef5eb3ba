namespace Notify.Hosting;

/// <summary>A command of <see cref="Edge.DebugRequest"/> that a program adds to those of all programs. Register it as a service.</summary>
/// <param name="Name">What the request says.</param>
/// <param name="Lines">Gives the answer. It only looks, takes microseconds, and is safe to call from any thread.</param>
public sealed record DebugCommand(string Name, Func<IEnumerable<string>> Lines);
