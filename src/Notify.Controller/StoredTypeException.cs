using Notify.Core;
using Notify.Core.Types;

namespace Notify.Controller;

/// <summary>The store was written with another shape of a type than this controller has.</summary>
internal sealed class StoredTypeException(TypeConflictException conflict) : NotifyException(
    $"The store was written with other types: {conflict.Message} Start this controller with the types that wrote the store, or with an empty --data-dir.", conflict);
