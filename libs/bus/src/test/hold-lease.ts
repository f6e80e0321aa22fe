import { newGatewayId } from '@parley/contracts';
import { connectBus } from '../connect-bus.js';
import { Log } from './fixture-log.js';

/** A process that does nothing but hold a lease: `node hold-lease.js <NATS URL>`; prints the gateway's id. */
const [, , servers = ''] = process.argv;
const bus = await connectBus({ servers, name: 'holder', logger: new Log() });
const gatewayId = newGatewayId();
const held = await bus.holdLease(() => ({ gatewayId, startedAt: Date.now(), draining: false, connections: 0 }));
console.log(held.ok ? `holds ${gatewayId}` : held.error.message);
