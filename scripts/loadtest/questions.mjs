// @ts-check

/** @typedef {'topics' | 'chat' | 'collab' | 'watch' | 'party'} Dialect */

/** @type {readonly Dialect[]} */
export const DIALECTS = ['topics', 'chat', 'collab', 'watch', 'party'];

/**
 * One file each in loadtests/src.
 * @typedef {object} Question
 * @property {string} name
 * @property {string} asks
 * @property {readonly Dialect[]} dialects
 * @property {boolean} [kills] ends processes, so it needs a cluster of its own
 * @property {Record<string, number>} settings what a look by hand takes
 * @property {Record<string, number>} smoke what CI takes, some seconds
 */

/** @type {readonly Question[]} */
export const QUESTIONS = [
  {
    name: 'connect-storm',
    asks: 'everybody comes at the same moment: how long until all are in?',
    dialects: DIALECTS,
    settings: { VUS: 200, SECONDS: 2 },
    smoke: { VUS: 10, SECONDS: 0 },
  },
  {
    name: 'fan-out',
    asks: 'one speaks: is it with everybody, once, in order, and when?',
    dialects: ['topics', 'chat'],
    settings: { VUS: 200, SECONDS: 20, PER_SECOND: 10 },
    smoke: { VUS: 8, SECONDS: 2, PER_SECOND: 10 },
  },
  {
    name: 'slow-reader',
    asks: 'some do not read: do the others wait, and do they get everything later?',
    dialects: ['topics'],
    settings: { VUS: 20 },
    smoke: { VUS: 3, MESSAGES: 60 },
  },
  {
    name: 'reconnect-herd',
    asks: 'a gateway dies: is everybody back, spread, with nothing missing?',
    dialects: ['topics', 'chat', 'collab', 'party'],
    kills: true,
    settings: { VUS: 200, SECONDS: 20 },
    smoke: { VUS: 16, SECONDS: 4 },
  },
  {
    name: 'ot-typing',
    asks: 'many type into one document: is every word there, once, and when is it acknowledged?',
    dialects: ['collab'],
    settings: { VUS: 40, SECONDS: 20, PER_SECOND: 5 },
    smoke: { VUS: 5, SECONDS: 2, PER_SECOND: 10 },
  },
  {
    name: 'watch-setup',
    asks: 'a viewer asks for a camera: how long until its answer is there?',
    dialects: ['watch'],
    settings: { VUS: 50, SECONDS: 20, PER_SECOND: 1 },
    smoke: { VUS: 4, SECONDS: 2, PER_SECOND: 5 },
  },
  {
    name: 'party-join',
    asks: 'many want into few places: do exactly as many get in as there are?',
    dialects: ['party'],
    settings: { VUS: 200 },
    smoke: { VUS: 25 },
  },
  {
    name: 'mixed-day',
    asks: 'everything at once: is anything missing at the end?',
    dialects: DIALECTS,
    settings: { VUS: 100, SECONDS: 60, PER_SECOND: 2 },
    smoke: { VUS: 15, SECONDS: 4, PER_SECOND: 4 },
  },
];
