using Notify.Core.Types;

namespace Notify.Generator.Tests.Shop;

// The halves of generated classes that users write.
public sealed partial class SecretType
{
    private partial SecretKey ComputeKey(Secret obj) => obj.Parts.Count == 0
        ? throw new InvalidObjectException(Name, "parts", "are not set.")
        : new SecretKey { Text = string.Join('-', obj.Parts) };
}

public sealed partial class CourierType
{
    public double StepDegrees { get; } = 0.1;

    public List<Courier> Received { get; } = [];

    private partial bool DecideIsUpdate(Courier before, Courier after) => Math.Abs(before.Latitude - after.Latitude) > StepDegrees;

    private partial void HandleReceived(Courier obj) => Received.Add(obj);
}
