import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { ServerResponse } from 'node:http';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { contextManager } from './context-manager.js';
import { describeStatement } from './statement.js';

/** WebSocket clients put tokens into URLs, and some of their requests arrive as plain ones. */
const secretsInUrls = ['token', 'access_token', 'refresh_token', 'key', 'api_key', 'password', 'secret'];

const ownPaths = new Set(['/livez', '/readyz', '/metrics']);

/**
 * Made when this package is loaded, because each patches its library only as that library is loaded later on: whoever
 * imports this package before `pg` gets spans of `pg`, with no loader hook and no flag of `node`. They stay silent
 * until `startTelemetry` gives them providers.
 */
export const instrumentations = [
  new HttpInstrumentation({
    ignoreIncomingRequestHook: (request) => ownPaths.has((request.url ?? '').split('?', 1)[0] ?? ''),
    requireParentforOutgoingSpans: true,
    responseHook: (_span, response) => {
      // Called as the request comes in. Its log lines have its trace, recorded or not, until it is answered.
      if (response instanceof ServerResponse) response.once('close', contextManager.hold());
    },
    redactedQueryParamsServer: secretsInUrls,
  }),
  new PgInstrumentation({
    requireParentSpan: true,
    ignoreConnectSpans: true,
    requestHook: (span, { query }) => {
      if (span.isRecording()) span.setAttributes(describeStatement(query.text));
    },
  }),
  new RuntimeNodeInstrumentation(),
];

// Node's own modules are patched as they are required, which in a process of ES modules may never happen.
const require = createRequire(import.meta.url);
require('node:http');
require('node:https');
syncBuiltinESMExports();
