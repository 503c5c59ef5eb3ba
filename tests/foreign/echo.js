'use strict';

// What the client and the server share: the service as proto-loader reads it from echo.proto.
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const definition = protoLoader.loadSync(path.join(__dirname, 'echo.proto'), { keepCase: true, defaults: true });
const { Echo } = grpc.loadPackageDefinition(definition).notify.test;

module.exports = { grpc, Echo };
