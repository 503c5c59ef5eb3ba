using System.Collections.Immutable;
using Google.Protobuf;
using Notify.Core.Types;

namespace Notify.Simulation.Plans;

/// <summary>One object to write, or to delete, as data of a plan.</summary>
/// <param name="Id">The object.</param>
/// <param name="Value">Its content, or null to delete it.</param>
/// <param name="Sites">Sites it carries as scopes.</param>
/// <param name="References">What it refers to.</param>
internal sealed record ObjectPlan(ObjectId Id, string? Value, ImmutableArray<int> Sites, ImmutableArray<ObjectId> References)
{
    public static ObjectPlan Delete(ObjectId id) => new(id, null, [], []);

    public Envelope ToEnvelope() => new(Id, ByteString.CopyFromUtf8(Value!))
    {
        Scopes = [.. Sites.Select(SimTypes.InSite)],
        References = References,
    };

    public override string ToString() => Value is null
        ? $"-{SimTypes.Name(Id)}"
        : $"{SimTypes.Name(Id)}={Value}"
            + (Sites.IsEmpty ? "" : $"@{string.Join('+', Sites)}")
            + (References.IsEmpty ? "" : $"->{string.Join('+', References.Select(SimTypes.Name))}");
}
