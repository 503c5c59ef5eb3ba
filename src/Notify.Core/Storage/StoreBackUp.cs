namespace Notify.Core.Storage;

/// <summary>The state of a store at one revision, as bytes.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="Objects">How many objects the state has.</param>
/// <param name="Pieces">The backup in pieces of about a megabyte, each with the number of objects up to its end.</param>
public sealed record StoreBackUp(long Revision, long Objects, IEnumerable<(ReadOnlyMemory<byte> Bytes, long Objects)> Pieces);
