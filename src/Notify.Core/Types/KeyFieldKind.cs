namespace Notify.Core.Types;

/// <summary>How one field of a key message is encoded; what <see cref="KeyLayout"/> needs to check and produce the canonical form.</summary>
public enum KeyFieldKind
{
    /// <summary>int32, int64, uint32, uint64, sint32, sint64, bool or enum.</summary>
    Varint = 0,

    /// <summary>fixed64, sfixed64 or double.</summary>
    Fixed64 = 1,

    /// <summary>string or bytes.</summary>
    Bytes = 2,

    /// <summary>An embedded message with a layout of its own.</summary>
    Message = 3,

    /// <summary>fixed32, sfixed32 or float.</summary>
    Fixed32 = 4,

    /// <summary>A map: entries sorted by their encoded key, each with its own layout of fields 1 and 2.</summary>
    Map = 5,
}
