'use strict';

// usage: node leaf.js HOST:PORT PROTOS
// A whole Notify leaf in grpc-js, from link.proto alone: joins, mirrors all flags, acknowledges, and publishes one status object of its own.
// Prints one line of JSON per event. Says goodbye when standard input ends.
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [address, protos] = process.argv.slice(2);
const definition = loader.loadSync(path.join(protos, 'notify/v1/link.proto'), {
  includeDirs: [protos], keepCase: true, longs: Number, enums: String, oneofs: true, defaults: true,
});
const { Link } = grpc.loadPackageDefinition(definition).notify.v1;

const print = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const call = new Link(address, grpc.credentials.createInsecure()).Connect();
let sent = 0;
const send = (frame) => call.write({ number: ++sent, ...frame });

// A key message with one string field 1 is canonical as it is: one tag, one length, the text.
const key = (name) => Buffer.concat([Buffer.from([0x0a, name.length]), Buffer.from(name)]);
const nameOf = (bytes) => bytes.subarray(2).toString();

const dynamicSpace = { kind: 'SPACE_KIND_DYNAMIC', id: 'js-leaf', incarnation: String(process.pid) };
const keyFields = [{ number: 1, kind: 'KEY_FIELD_KIND_BYTES' }];
const peerTypes = new Map();
const mirror = new Map();
let staged = [];

const handlers = {
  welcome(welcome) {
    welcome.types.forEach((type) => peerTypes.set(type.number, type.name));
    print({ event: 'welcome', peer: welcome.node, notifyId: welcome.notify_id });
    publish();
  },
  declare(declare) {
    declare.types.forEach((type) => peerTypes.set(type.number, type.name));
  },
  bundle_begin() {
    staged = [];
  },
  bundle_changes(frame) {
    staged.push(...frame.changes);
  },
  barrier(barrier) {
    if (barrier.withdrawn) return;
    // It comes after everything up to its revision, which this leaf has applied as it came.
    send({ barrier_reply: { id: barrier.id, pending: 0 } });
  },
  bundle_end(end) {
    for (const change of staged) {
      const id = `${peerTypes.get(change.type)}/${nameOf(change.key)}`;
      if (change.removed === 'REMOVAL_REASON_NONE') {
        mirror.set(id, change.value.toString());
      } else {
        mirror.delete(id);
      }
    }
    staged = [];
    send({ receipt: { space: end.space, applied: end.revision, below: end.revision } });
    if (end.space === 'SPACE_KIND_STORED') {
      print({ event: 'applied', revision: end.revision, objects: Object.fromEntries([...mirror].sort()) });
    }
  },
};

function publish() {
  send({ bundle_begin: { space: dynamicSpace, revision: 1, changes: 1, whole: [2] } });
  send({ bundle_changes: { space: 'SPACE_KIND_DYNAMIC', changes: [{
    type: 2, key: key('js'), revision: 1, stamp: { node: 'js-leaf', attachment: 1, revision: 1 }, value: Buffer.from('running'),
  }] } });
  send({ bundle_end: { space: 'SPACE_KIND_DYNAMIC', revision: 1, items: [{ number: 2, completeness: 'COMPLETENESS_COMPLETE' }] } });
}

call.on('data', (frame) => handlers[frame.kind]?.(frame[frame.kind]));
call.on('error', () => {}); // The status says it too.
call.on('status', (status) => {
  print({ event: 'ended', code: status.code, details: status.details });
  process.exit(0);
});

send({ hello: {
  versions: [1], node: 'js-leaf', process: String(process.pid), role: 'leaf', attachment: 1,
  types: [
    { number: 1, name: 't.Flag', kind: 'TYPE_KIND_STORED', key_fields: keyFields },
    { number: 2, name: 't.Status', kind: 'TYPE_KIND_DYNAMIC', key_fields: keyFields },
  ],
  interest: [{ number: 1, type: 't.Flag', selector: { all: true } }],
  dynamic_space: dynamicSpace,
} });

const beat = setInterval(() => send({ heartbeat: { spaces: [] } }), 1000);
process.stdin.resume();
process.stdin.on('end', () => {
  clearInterval(beat);
  send({ goodbye: { reason: 'done' } });
  call.end();
});
