'use strict';

// usage: node client.js HOST:PORT CASE
// Makes the calls of one case with grpc-js and prints what came of them as one line of JSON.
const { grpc, Echo } = require('./echo.js');

const [address, name] = process.argv.slice(2);
const anySize = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };

function connect(options = {}) {
  return new Echo(address, grpc.credentials.createInsecure(), options);
}

/** A unary call: the reply and the metadata around it, or the error. */
function say(client, request, { metadata = new grpc.Metadata(), ...options } = {}) {
  return new Promise((resolve) => {
    const result = {};
    const call = client.Say(request, metadata, options, (error, reply) => {
      result.error = error && { code: error.code, details: error.details, why: error.metadata?.get('x-why')[0] };
      result.reply = reply;
    });
    call.on('metadata', (headers) => { result.headers = headers; });
    call.on('status', (status) => {
      result.trailers = status.metadata;
      resolve(result);
    });
  });
}

/** Reads a stream to its end: the replies, and the status it ended with. */
function readAll(call, onReply = () => {}) {
  return new Promise((resolve) => {
    const replies = [];
    call.on('data', (reply) => {
      replies.push(reply);
      onReply(reply);
    });
    call.on('error', () => {}); // The status says it too.
    call.on('status', (status) => resolve({ replies, code: status.code, details: status.details, why: status.metadata.get('x-why')[0] }));
  });
}

function bytes(count) {
  return Buffer.alloc(count, 'payload');
}

const cases = {
  async unary() {
    const metadata = new grpc.Metadata();
    metadata.set('x-text', 'some text');
    metadata.set('x-bytes-bin', Buffer.from([0, 1, 255]));
    const { error, reply, headers, trailers } = await say(connect(), { text: 'from grpc-js' }, { metadata });
    return {
      error,
      text: reply.text,
      header: headers.get('x-text-header')[0],
      trailer: trailers.get('x-text-trailer')[0],
      bytes: [...headers.get('x-bytes-header-bin')[0], ...trailers.get('x-bytes-trailer-bin')[0]],
    };
  },

  async errors() {
    const client = connect();
    const codes = [];
    for (let status = 1; status <= 16; status++) {
      const { error } = await say(client, { status, detail: `größer ${status} 100%\n\u{1F600}` });
      codes.push([error.code, error.details, error.why]);
    }
    return codes;
  },

  async failedHandler() {
    return (await say(connect(), { status: 99 })).error;
  },

  async unknownMethod() {
    const client = connect();
    const identity = (buffer) => buffer;
    return new Promise((resolve) => {
      client.makeUnaryRequest('/notify.test.Echo/NoSuchMethod', identity, identity, Buffer.alloc(0),
        (error) => resolve({ code: error.code, details: error.details }));
    });
  },

  async compressed() {
    const { error } = await say(connect({ 'grpc.default_compression_algorithm': 2 }), { text: 'x'.repeat(5000) });
    return { code: error.code };
  },

  async serverStreaming() {
    const { replies, code } = await readAll(connect().Repeat({ copies: 500 }));
    return { inOrder: replies.every((reply, i) => reply.number === i), count: replies.length, code };
  },

  async bidi() {
    const call = connect().Chat();
    let sent = 1;
    const reading = readAll(call, () => {
      // Each request waits for the reply to the one before.
      if (sent < 100) call.write({ text: `${sent++}` });
      else call.end();
    });
    call.write({ text: '0' });
    const { replies, code } = await reading;
    return { inOrder: replies.every((reply, i) => reply.number === i && reply.text === `${i}`), count: replies.length, code };
  },

  async bidiError() {
    const call = connect().Chat();
    const reading = readAll(call);
    call.write({ copies: 3, status: 9, detail: 'not now' });
    const { replies, ...end } = await reading;
    return { count: replies.length, ...end };
  },

  async deadline() {
    const client = connect();
    await say(client, {}); // Connected and warm, so that the next call is at its handler long before its deadline.
    const { error } = await say(client, { hang: true, text: 'deadline' }, { deadline: Date.now() + 1000 });
    return { code: error.code };
  },

  async cancellation() {
    const call = connect().Chat();
    const reading = readAll(call, () => call.cancel());
    call.write({ hang: true, text: 'cancelled' });
    const { replies, code } = await reading;
    return { count: replies.length, code };
  },

  async large() {
    const client = connect(anySize);
    const payload = bytes(3_900_000);
    const unary = await say(client, { payload });
    const call = client.Chat();
    const reading = readAll(call);
    for (let i = 0; i < 4; i++) call.write({ payload });
    call.end();
    const { replies, code } = await reading;
    return { unary: unary.reply.payload.equals(payload), bidi: replies.filter((reply) => reply.payload.equals(payload)).length, code };
  },

  async tooLarge() {
    const { error } = await say(connect(anySize), { payload: bytes(10_000_000) });
    return { code: error.code };
  },
};

cases[name]().then((result) => {
  console.log(JSON.stringify(result));
  process.exit(0);
}, (error) => {
  console.error(error);
  process.exit(1);
});
