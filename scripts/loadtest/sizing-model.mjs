// @ts-check

/**
 * What one of each thing costs, as measured: docs/sizing.md says where and how. CPU in µs of one core, memory in KiB.
 * @typedef {typeof COSTS} Costs
 */
export const COSTS = {
  /** Resident memory of a gateway without connections. */
  gatewayBaseMiB: 120,
  /** Resident memory of a gateway for each, with a few subscriptions; the kernel's buffers are beside it. */
  connectionKiB: 20,
  kernelKiB: 4,
  /** A login with its token, welcome, and one subscription. */
  loginGatewayUs: 1_500,
  loginPresenceUs: 300,
  loginNatsUs: 250,
  loginPostgresUs: 300,
  /** Of being there, each second: pings, reports, wheel. */
  idleGatewayUs: 2,
  /** A stored event: of messaging, of NATS, and for each gateway that hears it. */
  eventMessagingUs: 150,
  eventNatsUs: 100,
  eventGatewayUs: 150,
  /** Its writing to one socket. */
  deliveryUs: 8,
};

/** What a core is planned for, so that a pod that is gone can be made up for. */
export const HEADROOM = 0.6;

/**
 * @typedef {object} Load
 * @property {number} connections
 * @property {number} gateways that share them evenly
 * @property {number} loginsPerSecond of all
 * @property {number} eventsPerSecond stored: broadcasts, messages, operations
 * @property {number} receivers of one event
 * @property {number} hearing gateways that have any of its receivers
 */

/**
 * @typedef {object} Prediction
 * @property {number} gatewayMiB resident, of one gateway
 * @property {number} gatewayCores of one gateway
 * @property {number} presenceCores
 * @property {number} messagingCores
 * @property {number} natsCores
 * @property {number} postgresCores
 * @property {number} deliveriesPerSecond
 * @property {number} natsMessagesPerSecond that NATS passes on, requests and their answers included
 */

/** @param {Load} load @param {Costs} [costs] @returns {Prediction} */
export function predict(
  { connections, gateways, loginsPerSecond, eventsPerSecond, receivers, hearing },
  costs = COSTS,
) {
  const perGateway = connections / gateways;
  const deliveriesPerSecond = eventsPerSecond * receivers;
  const gatewayUs =
    (loginsPerSecond / gateways) * costs.loginGatewayUs +
    perGateway * costs.idleGatewayUs +
    ((eventsPerSecond * hearing) / gateways) * costs.eventGatewayUs +
    (deliveriesPerSecond / gateways) * costs.deliveryUs;
  return {
    gatewayMiB: costs.gatewayBaseMiB + (perGateway * costs.connectionKiB) / 1_024,
    gatewayCores: gatewayUs / 1e6,
    presenceCores: (loginsPerSecond * costs.loginPresenceUs) / 1e6,
    messagingCores: (eventsPerSecond * costs.eventMessagingUs) / 1e6,
    natsCores: (loginsPerSecond * costs.loginNatsUs + eventsPerSecond * costs.eventNatsUs) / 1e6,
    postgresCores: (loginsPerSecond * costs.loginPostgresUs) / 1e6,
    deliveriesPerSecond,
    // A request is two, an event one in, one acknowledgment, and one for each gateway that hears it.
    natsMessagesPerSecond: loginsPerSecond * 8 + eventsPerSecond * (4 + hearing),
  };
}

/**
 * How many gateways a load needs, and what for.
 * @param {Omit<Load, 'gateways' | 'hearing'>} load
 * @param {{connectionsPerGateway: number, coresPerGateway: number, hearing?: (gateways: number) => number}} pod
 */
export function gatewaysFor(load, { connectionsPerGateway, coresPerGateway, hearing = (gateways) => gateways }) {
  let gateways = Math.ceil(load.connections / connectionsPerGateway);
  const coresAt = (/** @type {number} */ count) =>
    predict({ ...load, gateways: count, hearing: hearing(count) }).gatewayCores;
  while (coresAt(gateways) > coresPerGateway * HEADROOM && gateways < 100_000) gateways += 1;
  return gateways;
}
