namespace Notify.Ctl.Input;

/// <summary>A piece of YAML or JSON that knows where it stands.</summary>
internal abstract record DataNode(Place Place)
{
    /// <summary>What it is, for error messages.</summary>
    public abstract string Describe();
}
