/** The document names none; additive changes keep it. */
export const version = '1.0';

/**
 * What was on the wire when.
 * 1.0: the document, with the extensions that SPEC.md marks.
 */
export const history: readonly string[] = ['1.0'];

/** SHA-256 over the schemas of up.ts and down.ts. A test compares: whoever changes the wire has to say so here. */
export const schemaHash = 'b9bfcfdb1957b878982bd0d1c349a7f82bf3d10f538f04d72b97f7065bd11524';
