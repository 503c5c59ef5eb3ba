using Google.Protobuf.Reflection;
using Notify.Annotations;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Server.Health;
using Notify.Server.Reflection;
using Notify.Server.Reflection.V1;
using Notify.Transport.Tests.Echo;
using Answer = Notify.Server.Reflection.V1.ServerReflectionResponse.MessageResponseOneofCase;

namespace Notify.Transport.Tests;

public sealed class ReflectionTests
{
    [Fact]
    public async Task ListServices_NamesEveryMappedService_AlsoThoseMappedLater()
    {
        var answers = await AskAsync(new ServerReflectionRequest { Host = "here", ListServices = "*" });

        var answer = Assert.Single(answers);
        Assert.Equal(("here", "*"), (answer.ValidHost, answer.OriginalRequest.ListServices));
        Assert.Equal(
            ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "notify.test.Echo"], answer.ListServicesResponse.Service.Select(service => service.Name));
    }

    [Theory]
    [InlineData("notify.test.Echo")]
    [InlineData("notify.test.Echo.Say")]
    [InlineData("notify.test.EchoRequest")]
    public async Task FileContainingSymbol_IsTheFileThatDeclaresIt(string symbol)
    {
        var answers = await AskAsync(new ServerReflectionRequest { FileContainingSymbol = symbol });

        Assert.Equal([EchoReflection.Descriptor.Name], FilesOf(answers.Single()));
    }

    [Fact]
    public async Task Imports_ComeWithTheFile_OncePerCall()
    {
        var answers = await AskAsync(
            new ServerReflectionRequest { FileByFilename = ObjectsReflection.Descriptor.Name },
            new ServerReflectionRequest { FileContainingSymbol = "notify.v1.Space" },
            new ServerReflectionRequest { FileByFilename = ObjectsReflection.Descriptor.Name });

        string[] imports = [.. ObjectsReflection.Descriptor.Dependencies.Select(import => import.Name)];
        Assert.NotEmpty(imports);
        Assert.Equal(ObjectsReflection.Descriptor.Name, FilesOf(answers[0])[0]);
        Assert.Superset(imports.ToHashSet(), FilesOf(answers[0]).ToHashSet());
        Assert.Equal([LinkReflection.Descriptor.Name], FilesOf(answers[1]));
        Assert.Equal([ObjectsReflection.Descriptor.Name], FilesOf(answers[2]));
    }

    [Fact]
    public async Task Extensions_AreFoundByTypeAndNumber()
    {
        var number = OptionsExtensions.ObjKey.FieldNumber;

        var answers = await AskAsync(
            new ServerReflectionRequest { FileContainingExtension = new ExtensionRequest { ContainingType = "google.protobuf.MessageOptions", ExtensionNumber = number } },
            new ServerReflectionRequest { AllExtensionNumbersOfType = "google.protobuf.MessageOptions" },
            new ServerReflectionRequest { AllExtensionNumbersOfType = "notify.test.EchoRequest" });

        Assert.Equal(OptionsReflection.Descriptor.Name, FilesOf(answers[0])[0]);
        Assert.Equal("google.protobuf.MessageOptions", answers[1].AllExtensionNumbersResponse.BaseTypeName);
        Assert.Contains(number, answers[1].AllExtensionNumbersResponse.ExtensionNumber);
        Assert.Empty(answers[2].AllExtensionNumbersResponse.ExtensionNumber);
    }

    [Fact]
    public async Task QuestionWithoutAnswer_IsAnError_AndTheCallGoesOn()
    {
        var answers = await AskAsync(
            new ServerReflectionRequest { FileByFilename = "no.proto" },
            new ServerReflectionRequest { FileContainingSymbol = "no.Thing" },
            new ServerReflectionRequest { FileContainingExtension = new ExtensionRequest { ContainingType = "no.Thing", ExtensionNumber = 1 } },
            new ServerReflectionRequest { AllExtensionNumbersOfType = "no.Thing" },
            new ServerReflectionRequest(),
            new ServerReflectionRequest { ListServices = "" });

        GrpcStatusCode[] expected = [GrpcStatusCode.NotFound, GrpcStatusCode.NotFound, GrpcStatusCode.NotFound, GrpcStatusCode.NotFound, GrpcStatusCode.Unimplemented];
        Assert.Equal(expected, answers.Take(5).Select(answer => (GrpcStatusCode)answer.ErrorResponse.ErrorCode));
        Assert.Equal("There is no symbol 'no.Thing' here.", answers[1].ErrorResponse.ErrorMessage);
        Assert.Equal(Answer.ListServicesResponse, answers[5].MessageResponseCase);
    }

    private static List<string> FilesOf(ServerReflectionResponse answer) =>
        [.. answer.FileDescriptorResponse.FileDescriptorProto.Select(file => FileDescriptorProto.Parser.ParseFrom(file).Name)];

    private static async Task<List<ServerReflectionResponse>> AskAsync(params ServerReflectionRequest[] requests)
    {
        await using var server = await TestServer.StartAsync(new()
        {
            Map = endpoints =>
            {
                endpoints.MapGrpcReflection([ObjectsReflection.Descriptor, OptionsReflection.Descriptor]);
                endpoints.MapGrpcHealth(new GrpcHealth());
            },
        });
        using var channel = server.Connect();
        await using var call = channel.Duplex(ReflectionMethods.ServerReflectionInfo);
        List<ServerReflectionResponse> answers = [];
        foreach (var request in requests)
        {
            call.Write(request);
            await call.FlushAsync().AsTask().WaitAsync(Limits.Patience);
            Assert.True(await call.WaitToReadAsync().AsTask().WaitAsync(Limits.Patience));
            Assert.True(call.TryRead(out var answer));
            answers.Add(answer);
        }

        await call.CompleteAsync();
        Assert.False(await call.WaitToReadAsync().AsTask().WaitAsync(Limits.Patience));
        return answers;
    }
}
