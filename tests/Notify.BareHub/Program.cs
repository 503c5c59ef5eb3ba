using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Server;
using Notify.Storage;

// A controller without the edge model's assembly. Its one argument is a FileDescriptorSet with the stored types; what nodes own, it
// learns of from them.
var stored = DescriptorObjectType.Load(ByteString.CopyFrom(await File.ReadAllBytesAsync(args[0])))
    .Where(type => type.Declaration.Kind == TypeKind.Stored);
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
builder.Services
    .AddNotifyServer(options =>
    {
        options.Name = "bare";
        options.Hub = options.Hub with { SettleMs = 0 };
    })
    .AddTypes(stored)
    .UseStore(_ => new MemoryObjectStore(StoreIdentity.Create(new Random())));
await using var app = builder.Build();
app.MapNotify();
await app.StartAsync();
Console.Out.WriteLine("listening grpc=" + new Uri(app.Urls.Single()).Authority);
await app.WaitForShutdownAsync();
