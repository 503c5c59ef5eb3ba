using Google.Protobuf.Reflection;
using Notify.Core.Transport;
using Notify.Server.Reflection.V1;
using Request = Notify.Server.Reflection.V1.ServerReflectionRequest.MessageRequestOneofCase;

namespace Notify.Server.Reflection;

/// <summary>Answers the questions of one call. It remembers what it sent, so that a file that many others import goes once.</summary>
internal sealed class ReflectionConversation(ReflectionIndex index)
{
    private readonly HashSet<string> _sent = new(StringComparer.Ordinal);

    public ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var response = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case Request.ListServices:
                response.ListServicesResponse = new ListServiceResponse { Service = { index.Services.Select(name => new ServiceResponse { Name = name }) } };
                break;
            case Request.FileByFilename:
                Put(response, index.FindFile(request.FileByFilename), $"file '{request.FileByFilename}'");
                break;
            case Request.FileContainingSymbol:
                Put(response, index.FindSymbol(request.FileContainingSymbol), $"symbol '{request.FileContainingSymbol}'");
                break;
            case Request.FileContainingExtension:
                var (type, number) = (request.FileContainingExtension.ContainingType, request.FileContainingExtension.ExtensionNumber);
                Put(response, index.FindExtension(type, number), $"extension {number} of '{type}'");
                break;
            case Request.AllExtensionNumbersOfType when index.ExtensionsOf(request.AllExtensionNumbersOfType) is { } numbers:
                response.AllExtensionNumbersResponse = new ExtensionNumberResponse { BaseTypeName = request.AllExtensionNumbersOfType, ExtensionNumber = { numbers } };
                break;
            case Request.AllExtensionNumbersOfType:
                response.ErrorResponse = NotFound($"type '{request.AllExtensionNumbersOfType}'");
                break;
            default:
                response.ErrorResponse = new ErrorResponse { ErrorCode = (int)GrpcStatusCode.Unimplemented, ErrorMessage = "The request asks nothing that this server knows." };
                break;
        }

        return response;
    }

    private static ErrorResponse NotFound(string what) => new() { ErrorCode = (int)GrpcStatusCode.NotFound, ErrorMessage = $"There is no {what} here." };

    private void Put(ServerReflectionResponse response, FileDescriptor? file, string what)
    {
        if (file is null)
        {
            response.ErrorResponse = NotFound(what);
            return;
        }

        // What was asked for goes in any case: the client may have thrown it away.
        _sent.Add(file.Name);
        var files = new FileDescriptorResponse { FileDescriptorProto = { file.SerializedData } };
        AddImports(file, files);
        response.FileDescriptorResponse = files;
    }

    private void AddImports(FileDescriptor file, FileDescriptorResponse files)
    {
        foreach (var import in file.Dependencies.Where(import => _sent.Add(import.Name)))
        {
            files.FileDescriptorProto.Add(import.SerializedData);
            AddImports(import, files);
        }
    }
}
