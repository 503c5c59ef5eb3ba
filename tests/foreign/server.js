'use strict';

// usage: node server.js
// Serves echo.proto with grpc-js as its comments say, on a free port of the loopback. Prints `listening PORT`, then
// `cancelled` for each call that is, and ends when its standard input does.
const { grpc, Echo } = require('./echo.js');

let cancellations = 0;

function onCancelled() {
  cancellations++;
  console.log('cancelled');
}

function reply(request, number) {
  return { text: request.text, payload: request.payload, number };
}

function failure(request) {
  const metadata = new grpc.Metadata();
  metadata.set('x-why', 'asked-for');
  return { code: request.status, details: request.detail, metadata };
}

function say(call, callback) {
  const { request } = call;
  call.on('cancelled', onCancelled);
  if (request.hang) return;
  if (request.status) {
    callback(failure(request));
    return;
  }
  const headers = new grpc.Metadata();
  const trailers = new grpc.Metadata();
  for (const text of call.metadata.get('x-text')) {
    headers.add('x-text-header', text);
    trailers.add('x-text-trailer', text);
  }
  for (const bytes of call.metadata.get('x-bytes-bin')) {
    headers.add('x-bytes-header-bin', bytes);
    trailers.add('x-bytes-trailer-bin', bytes);
  }
  call.sendMetadata(headers);
  callback(null, reply(request, 0), trailers);
}

function repeat(call) {
  const { request } = call;
  call.on('cancelled', onCancelled);
  for (let i = 0; i < request.copies; i++) call.write(reply(request, i));
  if (request.hang) return;
  if (request.status) call.emit('error', failure(request));
  else call.end();
}

function chat(call) {
  let number = 0;
  let hanging = false;
  call.on('cancelled', onCancelled);
  call.on('data', (request) => {
    for (let i = 0; i < Math.max(1, request.copies); i++) call.write(reply(request, number++));
    hanging ||= request.hang;
    if (request.status) call.emit('error', failure(request));
  });
  call.on('end', () => {
    if (!hanging) call.end();
  });
}

const server = new grpc.Server({ 'grpc.max_receive_message_length': 4 * 1024 * 1024, 'grpc.max_send_message_length': -1 });
server.addService(Echo.service, {
  Say: say,
  Repeat: repeat,
  Chat: chat,
  Cancellations: (_, callback) => callback(null, { number: cancellations }),
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`listening ${port}`);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
