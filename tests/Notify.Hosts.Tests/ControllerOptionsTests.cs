using Google.Protobuf;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Hosts.Tests.Support;

namespace Notify.Hosts.Tests;

/// <summary>What a controller serves because its options say so.</summary>
public sealed class ControllerOptionsTests
{
    [Fact]
    public async Task Types_OfADescriptorSet_AreServedToALeafWithTheirCode()
    {
        await using var tree = await Tree.StartAsync("--types", HostProcess.PathOf("FeatureFlags.binpb"));
        await using var leaf = HostProcess.Start("FeatureFlags", tree.Controller.Address, "berlin");
        foreach (var state in new[] { "on", "off" })
        {
            await using var set = HostProcess.Start("FeatureFlags", tree.Controller.Address, "berlin", "dark-mode", state);
            Assert.Equal(0, await set.ExitCodeAsync());
            await Eventually.EqualAsync(true, () => Task.FromResult(leaf.Output.Contains($"dark-mode is {state}")), "the leaf has printed the flag");
        }

        leaf.Signal("TERM");
        Assert.Equal(0, await leaf.ExitCodeAsync());
    }

    [Fact]
    public async Task Types_ThatContradictTheEdgeModel_AreAnErrorThatNamesThem()
    {
        var set = Descriptors.OfEdge();
        set.File.SelectMany(file => file.MessageType).Single(message => message.Name == "FlavorKey").Field[0].Number = 7;
        var types = Path.GetTempFileName();
        await File.WriteAllBytesAsync(types, set.ToByteArray());
        await using var controller = HostProcess.Start("Notify.Controller", "--name", "x", "--listen", "127.0.0.1:0", "--store", "memory", "--types", types);

        Assert.Equal(2, await controller.ExitCodeAsync());
        File.Delete(types);
        Assert.StartsWith($"error: --types {types}: ", controller.Errors.First(), StringComparison.Ordinal);
        Assert.Contains("edge.v1.Flavor", controller.Errors.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ObjectBytesMax_IsTheLargestObjectThatIsTakenAndMirrored()
    {
        const int Limit = 2_000_000;
        await using var tree = await Tree.StartAsync("--object-bytes-max", "2000000");
        var dme = await tree.AddDmeAsync();
        var inst = World.Inst("large", World.Maps, World.West);
        inst.Uri = new string('x', Limit);

        var refused = await NodeCalls.StatusOfAsync(() => tree.Controller.PutAsync(inst));
        Assert.Equal(GrpcStatusCode.ResourceExhausted, refused.Code);
        Assert.Contains("the limit is 2000000", refused.Detail, StringComparison.Ordinal);

        inst.Uri = new string('x', Limit - 1000); // The rest is for keys and references.
        await tree.Controller.PutAsync(inst);
        await Eventually.SetAsync([inst], dme.ListAsync<AppInst>, "instances at the engine");
    }
}
