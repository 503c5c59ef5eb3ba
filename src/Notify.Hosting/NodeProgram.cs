using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Core.Sync;
using Notify.Core.Types;
using Notify.Edge;

namespace Notify.Hosting;

/// <summary>What one program adds to what all of them do. Its members are called in the order in which they stand here, once each.</summary>
public abstract class NodeProgram
{
    /// <summary>What the node calls itself: "controller", "relay", "crm", "dme".</summary>
    public abstract string Role { get; }

    /// <summary>The same as the edge model has it.</summary>
    public abstract NodeRole NodeRole { get; }

    /// <summary>One sentence for the help.</summary>
    public abstract string Description { get; }

    /// <summary>Command lines for the help.</summary>
    public abstract IReadOnlyList<string> Examples { get; }

    /// <summary>Where it listens by default.</summary>
    public virtual HostPort Listen { get; } = new("127.0.0.1", 0);

    /// <summary>It connects to other nodes. False: others connect to it.</summary>
    public virtual bool HasUpstream => true;

    /// <summary>Others connect to it, though it connects to other nodes itself. The program adds the hub for them.</summary>
    public virtual bool IsRelay => false;

    /// <summary>The types that it has the code of. All others it has as they are declared.</summary>
    public virtual IEnumerable<ObjectType> Types => EdgeTypes.All;

    /// <summary>Options of its own.</summary>
    public virtual IReadOnlyList<Option> Options => [];

    /// <summary>Adds errors about a name that this program can do nothing with, or not with its other options.</summary>
    public virtual void ValidateName(OptionResult name)
    {
    }

    /// <summary>Gets what is elsewhere and without which there is nothing to serve. Where that takes more than one attempt it says so, and waits, in between.</summary>
    /// <exception cref="Core.NotifyException">It cannot be had; the message is for people.</exception>
    public virtual Task PrepareAsync(NodeOptions options, ParseResult parsed, NotReadyServer notReady, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>Reads the program's own options, which have been found right, and adds its services.</summary>
    public abstract void AddServices(IServiceCollection services, NodeOptions options, ParseResult parsed);

    /// <summary>What it mirrors of the node above.</summary>
    public virtual Interest Interest => Interest.None;

    /// <summary>Adds what describes this node beyond what all nodes say.</summary>
    public virtual void Describe(Node node)
    {
    }

    /// <summary>Maps the program's own gRPC services.</summary>
    public virtual void Map(IEndpointRouteBuilder endpoints)
    {
    }
}
