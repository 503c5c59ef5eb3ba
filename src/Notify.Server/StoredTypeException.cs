using System.Collections.Immutable;
using Notify.Core;

namespace Notify.Server;

/// <summary>The store was written with other shapes of types than this program has, or with other keys. Nothing was changed.</summary>
public sealed class StoredTypeException : NotifyException
{
    internal StoredTypeException(IReadOnlyCollection<(string Type, string Problem)> conflicts, Exception? cause = null)
        : base(
            $"The store was written with other types: {string.Join("; ", conflicts.Select(conflict => $"{conflict.Type} {conflict.Problem}"))}. "
            + "Start this program with the types that wrote the store, or with an empty store (a controller: an empty --data-dir).",
            cause) =>
        ObjectTypes = [.. conflicts.Select(conflict => conflict.Type)];

    /// <summary>Full names of the types that differ.</summary>
    public ImmutableArray<string> ObjectTypes { get; }
}
