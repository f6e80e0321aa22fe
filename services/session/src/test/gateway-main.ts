/**
 * A gateway's lease held by a process of its own, so that a test can kill it: `node gateway-main.js <nats> <gatewayId>`.
 * Says `held` when it is.
 */
import { connectBus } from '@parley/bus';
import { compile, GatewayId } from '@parley/contracts';
import { createLogger } from '@parley/telemetry';

const gatewayCheck = compile(GatewayId);
const [, , servers = '', gatewayId] = process.argv;
if (!gatewayCheck.is(gatewayId)) throw new Error('expected the id of a gateway');

const bus = await connectBus({ servers, name: 'gateway', logger: createLogger('gateway', { level: 'warn' }) });
const startedAt = Date.now();
const lease = await bus.holdLease(() => ({ gatewayId, startedAt, draining: false, connections: 0 }));
if (!lease.ok) throw new Error(lease.error.message);
process.stdout.write('held\n');
