using System.Globalization;
using Google.Protobuf;
using Notify.Core.Caches;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Harness.Demo.Nodes;

namespace Notify.Harness.Demo.Checks;

/// <summary>
/// One of the writers of <see cref="RestartCheck"/>. Its commit n creates an App of its own, so that each commit can be looked for, and writes n into two
/// instances, so that a commit that is there in part shows.
/// </summary>
internal sealed class RestartWriter(int index, AppInst[] pair)
{
    private const string Mark = "commit-";

    private volatile int _acknowledged;

    /// <summary>Its commits 1 to this one were acknowledged.</summary>
    public int Acknowledged => _acknowledged;

    /// <summary>Its commits 1 to this one were found.</summary>
    public int Found { get; private set; }

    /// <summary>Commits one after the other until the controller is dead.</summary>
    public async Task RunAsync(NodeClient client, CancellationToken cancellationToken)
    {
        try
        {
            for (var number = 1; ; number++)
            {
                await client.CommitAsync([NodeClient.Put(Created(number)), .. pair.Select(i => NodeClient.Put(Numbered(i, number)))], cancellationToken);
                _acknowledged = number;
            }
        }
        catch (GrpcException)
        {
            // The controller is dead: what was under way is absent or whole, and the check looks which.
        }
    }

    /// <summary>Looks for the commits in what the controller has.</summary>
    /// <exception cref="CheckFailedException">An acknowledged one is missing, or one is there in part.</exception>
    public void Find(Listing listing)
    {
        var objects = listing.Objects.Select(view => EdgeObjects.Unpack(view.Value)).ToList();
        var numbers = objects.OfType<AppInst>().Where(i => pair.Any(other => other.Key.Equals(i.Key))).Select(Number).ToList();
        var created = objects.OfType<App>().Select(app => app.Key).ToHashSet();
        if (numbers.Count != 2 || numbers[0] != numbers[1])
            throw new CheckFailedException($"a commit of writer {index} is there in part: {string.Join(" and ", numbers)}");
        Found = numbers[0];
        if (Found < Acknowledged || Found > Acknowledged + 1)
            throw new CheckFailedException($"{Acknowledged} commits of writer {index} were acknowledged, the last one found is {Found}");
        var missing = Enumerable.Range(1, Found).Where(number => !created.Contains(Created(number).Key)).ToList();
        if (missing.Count > 0)
            throw new CheckFailedException($"of {Acknowledged} acknowledged commits of writer {index} these are missing: {string.Join(", ", missing)}");
        if (created.Contains(Created(Found + 1).Key))
            throw new CheckFailedException($"commit {Found + 1} of writer {index} is there in part");
    }

    /// <summary>What a node lacks of the commits found, or null.</summary>
    public string? Missing(EmbeddedLeaf leaf, MirrorSnapshot snapshot) =>
        pair.Any(i => leaf.Instances.Get(i.Key, snapshot) is not { } held || Number(held) != Found) ? $"the node lacks the last commit of writer {index}"
        : Enumerable.Range(1, Found).Any(number => leaf.Apps.Get(Created(number).Key, snapshot) is null) ? $"the node lacks a commit of writer {index}"
        : null;

    /// <summary>What the commits found left in the store.</summary>
    public IEnumerable<IMessage> Objects() => Enumerable.Range(1, Found).Select(Created).Concat<IMessage>(pair.Select(i => Numbered(i, Found)));

    private App Created(int number) =>
        new() { Key = new AppKey { Organization = "restart", Name = string.Create(CultureInfo.InvariantCulture, $"{Mark}{index}-{number}"), Version = "1" } };

    private static AppInst Numbered(AppInst instance, int number) => new(instance) { Uri = string.Create(CultureInfo.InvariantCulture, $"{Mark}{number}") };

    private static int Number(AppInst instance) =>
        instance.Uri.StartsWith(Mark, StringComparison.Ordinal) ? int.Parse(instance.Uri[Mark.Length..], CultureInfo.InvariantCulture) : 0;
}
