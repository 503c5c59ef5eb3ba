using Notify.Simulation.Plans;

namespace Notify.Simulation.Network;

/// <summary>Bad input: a frame that is damaged on its way. It ends the session it came over, says why, and hurts no other.</summary>
internal static class DamagedFrame
{
    /// <summary>Larger than any frame may be. Nobody writes to it.</summary>
    private static readonly byte[] s_large = new byte[5 * 1024 * 1024];

    public static void Deliver(World world, SimEnd to, byte[] frame, int damage)
    {
        world.Fire(FaultKind.BadFrame);
        var others = world.Links
            .SelectMany(link => new[] { link.Below, link.Above })
            .Where(end => end is { IsLive: true } && end != to)
            .ToArray();
        to.Receive(Damage(frame, damage));
        if (to.Session.End is null)
        {
            world.Fail("bad input", $"{to.Process.Node.Plan.Name} goes on after a frame with damage {damage}.");
        }
        else if (to.Session.End.Code is not (Core.Transport.GrpcStatusCode.InvalidArgument or Core.Transport.GrpcStatusCode.ResourceExhausted
                     or Core.Transport.GrpcStatusCode.FailedPrecondition)
                 || to.Session.End.Reason.Length == 0)
        {
            world.Fail("bad input", $"{to.Process.Node.Plan.Name} ended with {to.Session.End} after damage {damage}.");
        }

        if (others.FirstOrDefault(end => end!.Session.End is not null) is { } hurt)
        {
            world.Fail("bad input", $"{hurt.Process.Node.Plan.Name} lost a session by the damaged frame of another.");
        }
    }

    private static byte[] Damage(byte[] frame, int damage) => (damage % 4) switch
    {
        0 => [0xFF, 0xFF, 0xFF], // No message at all.
        1 => [8, 1, .. frame[2..]], // A number that came before.
        2 => s_large,
        _ => [.. frame, 0x0F], // A field of a wire type that does not exist.
    };
}
