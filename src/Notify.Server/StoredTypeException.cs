using Notify.Core;
using Notify.Core.Types;

namespace Notify.Server;

/// <summary>The store was written with another shape of a type than this node has. Nothing was changed.</summary>
public sealed class StoredTypeException(TypeConflictException conflict) : NotifyException(
    $"The store was written with other types: {conflict.Message} Start this node with the types that wrote the store, or with an empty one (a controller: an empty --data-dir).",
    conflict);
