using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Core.Sync;
using Notify.Edge;
using Notify.Hosting;

namespace Notify.Crm;

/// <summary>The resource manager of one cloudlet.</summary>
internal sealed class CrmProgram : NodeProgram
{
    private readonly Option<CloudletKey> _cloudlet = new("--cloudlet")
    {
        Description = "The cloudlet that this process manages.",
        HelpName = "ORG/NAME",
        Required = true,
        CustomParser = ParseCloudlet,
    };

    private CloudletKey? _key;

    public override string Role => "crm";

    public override NodeRole NodeRole => NodeRole.Crm;

    public override string Description => "Manages one cloudlet: mirrors what concerns it, makes its instances ready, and reports up.";

    public override IReadOnlyList<string> Examples =>
    [
        "Notify.Crm --name crm-zurich --cloudlet Europe/Zurich --upstream 127.0.0.1:7000",
        "Notify.Crm --name crm-zurich --cloudlet Europe/Zurich --upstream controller-1:7000 --upstream controller-2:7000 --log json",
    ];

    public override IReadOnlyList<Option> Options => [_cloudlet];

    public override void AddServices(IServiceCollection services, NodeOptions options, ParseResult parsed)
    {
        _key = parsed.GetRequiredValue(_cloudlet);
        services.AddSingleton(_key);
        services.AddSingleton<CloudletObjects>();
        services.AddSingleton<CloudletReports>();
        services.AddSingleton<ExecCommands>();
        services.AddHostedService<CloudletReconciler>();
    }

    /// <summary>What concerns the cloudlet: objects that carry its key, and what they refer to.</summary>
    public override Interest Interest => Interest.None.WithScope(_key!, // Set by now.
        [
            CloudletType.Instance, ClusterInstType.Instance, AppInstType.Instance, AppType.Instance, FlavorType.Instance, VMPoolType.Instance,
            GPUDriverType.Instance,
        ]);

    public override void Describe(Node node) => node.CloudletKey = _key;

    private static CloudletKey? ParseCloudlet(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (text.Split('/') is [{ Length: > 0 } organization, { Length: > 0 } name])
        {
            return new CloudletKey { Organization = organization, Name = name };
        }

        result.AddError($"--cloudlet: '{text}' is not ORG/NAME, for example Europe/Zurich.");
        return null;
    }
}
