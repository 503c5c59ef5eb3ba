using Google.Protobuf.Reflection;

namespace Notify.Server.Transport;

/// <summary>What an endpoint knows of its method, for server reflection.</summary>
/// <param name="Service">Full name of the service.</param>
/// <param name="File">The proto file that declares it, or null where nobody said.</param>
internal sealed record MappedMethod(string Service, FileDescriptor? File);
