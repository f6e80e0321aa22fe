/** As `version` of every message and `protocol` of `connected` tell it. */
export const protocol = 1;

export const version = String(protocol);

/**
 * What was on the wire when; additive changes keep the version.
 * 1: the document, with the extensions that SPEC.md marks.
 */
export const history: readonly string[] = ['1'];

/** SHA-256 over the schemas of up.ts and down.ts. A test compares: whoever changes the wire has to say so here. */
export const schemaHash = 'c3d39f33a896de44fbc267bc8eb50773bff5ced8037b9f64f5656dab7fba6f28';
