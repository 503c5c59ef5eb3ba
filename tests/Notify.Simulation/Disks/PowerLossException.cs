namespace Notify.Simulation.Disks;

/// <summary>The machine is off: nothing goes on. Deliberately no <see cref="IOException"/>, which programs handle.</summary>
internal sealed class PowerLossException : Exception
{
    public PowerLossException()
        : base("The power is gone.")
    {
    }
}
