namespace Notify.Core.Types;

/// <summary>One field of a <see cref="KeyLayout"/>.</summary>
/// <param name="Number">The protobuf field number.</param>
/// <param name="Kind">How its values are encoded.</param>
/// <param name="Repeated">More than one value may occur; numbers are then packed.</param>
/// <param name="Layout">The layout of the embedded message or map entry, otherwise null.</param>
/// <param name="Presence">The field tracks presence, so its default value is written when it was set.</param>
public sealed record KeyField(int Number, KeyFieldKind Kind, bool Repeated = false, KeyLayout? Layout = null, bool Presence = false);
