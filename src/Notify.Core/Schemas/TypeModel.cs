namespace Notify.Core.Schemas;

/// <summary>A cache type as its proto files describe it: all that code or an evaluator needs, and equal when that is equal.</summary>
/// <param name="Message">The annotated message.</param>
/// <param name="File">The proto file that declares it.</param>
/// <param name="Kind">Where its objects live.</param>
/// <param name="Key">Its key.</param>
internal sealed record TypeModel(MessageName Message, string File, ModelKind Kind, KeyModel Key)
{
    /// <summary>Null where the type is not filtered.</summary>
    public ScopeModel? Scope { get; init; }

    public EquatableArray<ReferenceModel> References { get; init; }

    /// <summary>Full names of the types referred to, in ordinal order.</summary>
    public EquatableArray<string> RefersTo { get; init; }

    /// <summary>Higher than the rank of everything the type refers to.</summary>
    public int Rank { get; init; }

    public bool Flush { get; init; }

    public bool HasCustomUpdate { get; init; }

    public bool HasReceiveHook { get; init; }

    public bool LogsTraffic { get; init; }

    /// <summary>0 where the store's limit alone counts.</summary>
    public int BytesMax { get; init; }
}
