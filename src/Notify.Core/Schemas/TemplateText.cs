namespace Notify.Core.Schemas;

/// <summary>A <c>notify_reference</c> as it is written.</summary>
internal sealed record TemplateText(string To, IReadOnlyList<string> Keys);
