/** The document counts none; this is ours. */
export const version = '1.0';

/**
 * What was on the wire when; additive changes keep the version.
 * 1.0: the document, with the extensions that SPEC.md marks.
 */
export const history: readonly string[] = ['1.0'];

/** SHA-256 over the schemas of up.ts and down.ts. A test compares: whoever changes the wire has to say so here. */
export const schemaHash = 'abfdfe6edaa07e8bd2b49fa15467bd9872c97962806db9048dfbae4a4e0bc0e0';
