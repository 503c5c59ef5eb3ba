namespace Notify.Core.Schemas;

/// <summary>The way from an object to values inside it. An empty path is the object itself.</summary>
internal readonly record struct FieldPath(EquatableArray<FieldStep> Steps)
{
    /// <summary>True when the path leads to one value at most.</summary>
    public bool IsSingular => Steps.All(step => step.Shape == StepShape.Singular);

    /// <summary>The last step.</summary>
    public FieldStep Last => Steps[Steps.Count - 1];

    public FieldPath Add(FieldStep step) => new(Steps.Add(step));

    /// <summary>The names as a proto file would write them: <c>key.cloudlet_key</c>.</summary>
    public override string ToString() => string.Join(".", Steps.Select(step => step.Name));
}
