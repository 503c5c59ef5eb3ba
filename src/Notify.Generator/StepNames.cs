namespace Notify.Generator;

/// <summary>Names of the pipeline's steps; tests ask by them what ran again.</summary>
public static class StepNames
{
    /// <summary>The additional file's text, split.</summary>
    public const string Text = "NotifyText";

    /// <summary>The model of the project.</summary>
    public const string Model = "NotifyModel";

    /// <summary>Each cache type.</summary>
    public const string Types = "NotifyTypes";

    /// <summary>Each namespace with types.</summary>
    public const string Registrations = "NotifyRegistrations";

    /// <summary>Each problem.</summary>
    public const string Problems = "NotifyProblems";
}
