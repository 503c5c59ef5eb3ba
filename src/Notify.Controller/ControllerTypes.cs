using Notify.Core.Types;

namespace Notify.Controller;

/// <summary>The types that the controller has the code or a descriptor of.</summary>
/// <param name="All">In reference order.</param>
internal sealed record ControllerTypes(IReadOnlyList<ObjectType> All);
