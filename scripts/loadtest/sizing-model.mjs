// @ts-check

/**
 * What one of each thing costs, as measured: docs/sizing.md says where and how. CPU in µs of one core.
 * @typedef {Record<keyof typeof COSTS, number>} Costs
 */
export const COSTS = {
  /** Resident memory of a gateway without connections, and for each of them. */
  gatewayBaseMiB: 131,
  connectionKiB: 18,
  /** A gateway by itself, and what each connection takes by being there, each second. */
  gatewayAnywayUs: 5_000,
  connectionUs: 5,
  /** A login with its token, welcome, and one subscription. */
  loginGatewayUs: 2_200,
  loginPresenceUs: 2_000,
  loginMessagingUs: 1_800,
  loginNatsUs: 350,
  loginPostgresUs: 1_900,
  /** A stored event: of messaging, of NATS, and of each gateway that hears it. */
  eventMessagingUs: 1_000,
  eventNatsUs: 500,
  eventGatewayUs: 500,
  /** Its writing to one socket. */
  deliveryUs: 14,
  /** Every service, NATS and Postgres by themselves. */
  serviceAnywayUs: 5_000,
};

/** Without what a process takes anyway. @type {Costs} */
export const WORK = { ...COSTS, gatewayAnywayUs: 0, serviceAnywayUs: 0 };

/** Where thousands of events a second share turns of the event loop and system calls: see docs/benchmarks.md. @type {Costs} */
export const BUSY = { ...COSTS, eventMessagingUs: 55, eventNatsUs: 50, eventGatewayUs: 36 };

/** How much of a core is planned for: what a pod that is gone had, the others have to take. */
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
 * @property {number} presenceCores of all replicas, as the rest
 * @property {number} messagingCores
 * @property {number} natsCores
 * @property {number} postgresCores
 * @property {number} deliveriesPerSecond
 * @property {number} natsMessagesPerSecond that NATS passes on
 */

/** A login is some requests and their answers; an event is a request, its publication, and both answers. */
const NATS_PER_LOGIN = 8;
const NATS_PER_EVENT = 4;

/** @param {Load} load @param {Costs} [costs] @returns {Prediction} */
export function predict(load, costs = COSTS) {
  const { connections, gateways, loginsPerSecond, eventsPerSecond, receivers, hearing } = load;
  const deliveriesPerSecond = eventsPerSecond * receivers;
  const shared =
    loginsPerSecond * costs.loginGatewayUs +
    connections * costs.connectionUs +
    eventsPerSecond * hearing * costs.eventGatewayUs +
    deliveriesPerSecond * costs.deliveryUs;
  const cores = (/** @type {number} */ login, /** @type {number} */ event) =>
    (costs.serviceAnywayUs + loginsPerSecond * login + eventsPerSecond * event) / 1e6;
  return {
    gatewayMiB: costs.gatewayBaseMiB + (connections / gateways) * (costs.connectionKiB / 1_024),
    gatewayCores: (costs.gatewayAnywayUs + shared / gateways) / 1e6,
    presenceCores: cores(costs.loginPresenceUs, 0),
    messagingCores: cores(costs.loginMessagingUs, costs.eventMessagingUs),
    natsCores: cores(costs.loginNatsUs, costs.eventNatsUs),
    postgresCores: cores(costs.loginPostgresUs, 0),
    deliveriesPerSecond,
    natsMessagesPerSecond: loginsPerSecond * NATS_PER_LOGIN + eventsPerSecond * (NATS_PER_EVENT + hearing),
  };
}

/** No more of them help: each hears every event. */
const MOST_GATEWAYS = 10_000;

/**
 * How many gateways a load needs: by their connections, and by the core that each has.
 * @param {Omit<Load, 'gateways' | 'hearing'>} load
 * @param {{connectionsPerGateway: number, hearing: (gateways: number) => number}} pod
 * @param {Costs} [costs]
 */
export function gatewaysFor(load, { connectionsPerGateway, hearing }, costs = COSTS) {
  let gateways = Math.ceil(load.connections / connectionsPerGateway);
  const busy = () => predict({ ...load, gateways, hearing: hearing(gateways) }, costs).gatewayCores > HEADROOM;
  while (busy() && gateways < MOST_GATEWAYS) gateways += 1;
  return gateways;
}

/** Of so many gateways, on how many is at least one of so many receivers, who are where chance has put them? */
export const hearingOf = (/** @type {number} */ receivers) => (/** @type {number} */ gateways) =>
  gateways * (1 - (1 - 1 / gateways) ** receivers);

const MILLION = 1_000_000;
/** Seven tenths of what a gateway takes by default, so that others can take over. */
const PER_GATEWAY = 14_000;
/** Everybody stays for an hour. */
const COMING = MILLION / 3_600;

/** @type {readonly (Omit<Load, 'gateways' | 'hearing'> & {name: string})[]} */
const DAYS = [
  {
    name: 'quiet: 1,000 events/s, 20 receivers',
    connections: MILLION,
    loginsPerSecond: COMING,
    eventsPerSecond: 1_000,
    receivers: 20,
  },
  {
    name: 'busy: 5,000 events/s, 100 receivers',
    connections: MILLION,
    loginsPerSecond: COMING,
    eventsPerSecond: 5_000,
    receivers: 100,
  },
  {
    name: 'busy, and a gateway died: its clients come back within 10 s',
    connections: MILLION,
    loginsPerSecond: COMING + PER_GATEWAY / 10,
    eventsPerSecond: 5_000,
    receivers: 100,
  },
];

/** A million connections, as docs/sizing.md shows them. @returns {string[]} lines of a table */
export function millionTable() {
  const rows = DAYS.map(({ name, ...load }) => {
    const hearing = hearingOf(load.receivers);
    const gateways = gatewaysFor(load, { connectionsPerGateway: PER_GATEWAY, hearing }, BUSY);
    const needs = predict({ ...load, gateways, hearing: hearing(gateways) }, BUSY);
    const cells = [
      name,
      gateways,
      needs.gatewayMiB.toFixed(0),
      needs.gatewayCores.toFixed(2),
      thousands(needs.deliveriesPerSecond),
      needs.presenceCores.toFixed(1),
      needs.messagingCores.toFixed(1),
      `${needs.natsCores.toFixed(1)} (${thousands(needs.natsMessagesPerSecond)}/s)`,
      needs.postgresCores.toFixed(1),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| a day | gateways | MiB each | cores each | deliveries/s | presence, cores | messaging, cores | NATS, cores (messages) | Postgres, cores |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ];
}

/** @param {number} value */
function thousands(value) {
  return value >= 1_000 ? `${(value / 1_000).toFixed(0)}k` : value.toFixed(0);
}
