using Google.Protobuf;
using Notify.Core.Types;
using Notify.Ctl.Types;

namespace Notify.Ctl.Input;

/// <summary>One object of the input.</summary>
/// <param name="Place">Where it begins.</param>
/// <param name="Type">Its type.</param>
/// <param name="Message">The object.</param>
/// <param name="Envelope">Its key and its bytes.</param>
/// <param name="Revision">The revision that the object must be at; 0 for none yet, null for any.</param>
internal sealed record ObjectDocument(Place Place, KnownType Type, IMessage Message, Envelope Envelope, long? Revision)
{
    /// <summary>Type and key, for people.</summary>
    public string Name => Type.NameOf(Envelope.Id.Key);
}
