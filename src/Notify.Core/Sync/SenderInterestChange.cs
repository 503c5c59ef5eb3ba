namespace Notify.Core.Sync;

/// <summary>A change of interest that the peer asked for and that no bundle reflects yet.</summary>
/// <param name="Number">The change's number.</param>
/// <param name="Add">New items.</param>
/// <param name="Remove">Numbers of items that go.</param>
/// <param name="OtherSpace">New items of the other space.</param>
internal sealed record SenderInterestChange(uint Number, List<SenderItem> Add, List<uint> Remove, List<SenderItem> OtherSpace);
