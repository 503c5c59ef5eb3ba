using Notify.Core.Types;

namespace Notify.Core.Sessions;

/// <summary>One change of an object whose type logs its traffic (<c>notify_print_send_recv</c>), on its way over a session.</summary>
/// <param name="IsSent">Sent by this node; otherwise received.</param>
/// <param name="Id">The object.</param>
/// <param name="IsRemoval">It is removed; otherwise this is a version of it.</param>
/// <param name="Revision">Revision of the version, or of the removal.</param>
internal readonly record struct ObjectTraffic(bool IsSent, ObjectId Id, bool IsRemoval, long Revision);
