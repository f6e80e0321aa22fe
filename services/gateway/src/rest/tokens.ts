/** What controllers are given that has no class of its own. */
export const BUS = Symbol('bus');
