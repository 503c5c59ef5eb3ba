using Notify.Core.Schemas;

namespace Notify.Generator.Extraction;

/// <summary>A problem and where its file is; an empty path where there is none.</summary>
internal sealed record PlacedProblem(SchemaProblem Problem, string Path);
