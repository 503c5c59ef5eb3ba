using Google.Protobuf;
using Notify.Generator.Tests.Shop;
using Notify.Generator.Tests.Support;

namespace Notify.Generator.Tests;

/// <summary>Whatever the build hands over, the generator answers with output or with problems.</summary>
public sealed class RobustnessTests
{
    [Fact]
    public void CorruptedDescriptors_NeverMakeItThrow()
    {
        var text = GeneratorRun.TextOf([ShopReflection.Descriptor.ToProto()]);
        var set = ByteString.FromBase64(text[(text.LastIndexOf('\n') + 1)..]).ToByteArray();
        var reported = 0;
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var corrupted = set.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                // The end of the set is shop.proto; what comes before is protobuf's own.
                corrupted[^random.Next(1, 6000)] = (byte)random.Next(256);
            }

            var run = GeneratorRun.OfText($"file|shop.proto|Public|/shop.proto\n{Convert.ToBase64String(corrupted)}");

            Assert.True(run.Result.Exception is null, $"seed {seed}: {run.Result.Exception}");
            Assert.True(run.Diagnostics.All(problem => problem.Id != "NTFY099"), $"seed {seed}: {string.Join('\n', run.Diagnostics)}");
            reported += run.Diagnostics.IsEmpty ? 0 : 1;
        }

        Assert.InRange(reported, 50, 400);
    }
}
