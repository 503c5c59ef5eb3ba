"""usage: client.py HOST:PORT DESCRIPTOR

Makes unary calls with grpcio and prints what came of them as one line of JSON. DESCRIPTOR is echo.proto as a
FileDescriptorProto in base64: no generated code is needed.
"""
import base64
import json
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def message_types(descriptor_base64):
    pool = descriptor_pool.DescriptorPool()
    file = descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(descriptor_base64))
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    names = ("notify.test.EchoRequest", "notify.test.EchoReply")
    return [factory.GetPrototype(pool.FindMessageTypeByName(name)) for name in names]


def failure_of(call):
    try:
        call()
    except grpc.RpcError as error:
        trailers = dict(error.trailing_metadata() or ())
        return [error.code().value[0], error.details(), trailers.get("x-why")]
    return None


def main():
    address, descriptor = sys.argv[1:]
    request_type, reply_type = message_types(descriptor)
    with grpc.insecure_channel(address) as channel:
        def method(name):
            return channel.unary_unary(
                "/notify.test.Echo/" + name, request_type.SerializeToString, reply_type.FromString)

        say = method("Say")
        metadata = (("x-text", "some text"), ("x-bytes-bin", bytes([0, 1, 255])))
        reply, call = say.with_call(request_type(text="from python"), metadata=metadata)
        payload = b"payload" * 500_000
        print(json.dumps({
            "text": reply.text,
            "header": dict(call.initial_metadata())["x-text-header"],
            "trailer": dict(call.trailing_metadata())["x-text-trailer"],
            "bytes": list(dict(call.trailing_metadata())["x-bytes-trailer-bin"]),
            "large": say(request_type(payload=payload)).payload == payload,
            "error": failure_of(lambda: say(request_type(status=5, detail="größer 100%"))),
            "deadline": failure_of(lambda: say(request_type(hang=True), timeout=0.3))[0],
            "unknownMethod": failure_of(lambda: method("NoSuchMethod")(request_type()))[0],
            "compressed": failure_of(lambda: say(request_type(text="x" * 5000), compression=grpc.Compression.Gzip))[0],
            "after": say(request_type(text="after")).text,
        }, ensure_ascii=False, separators=(",", ":")))


main()
