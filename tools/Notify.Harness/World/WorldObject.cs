using Google.Protobuf;

namespace Notify.Harness.World;

/// <summary>An object of the world and the sample file that it is in.</summary>
/// <param name="File">Name of the file without its folder.</param>
/// <param name="Message">The object, a message of package edge.v1.</param>
internal sealed record WorldObject(string File, IMessage Message);
