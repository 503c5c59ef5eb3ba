using System.Collections.Immutable;

namespace Notify.Core;

/// <summary>A descriptor set cannot be read, or the annotations in it are wrong.</summary>
/// <param name="problems">All that is wrong, one sentence or more each.</param>
public sealed class InvalidSchemaException(ImmutableArray<string> problems)
    : NotifyException("The descriptor set cannot be used:" + string.Concat(problems.Select(problem => Environment.NewLine + "  " + problem)))
{
    /// <summary>All that is wrong, each with its rule's id, place and remedy.</summary>
    public ImmutableArray<string> Problems { get; } = problems;
}
