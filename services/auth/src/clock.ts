/** Milliseconds since 1970. Injected, so that limits and expiry are tested without waiting. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
