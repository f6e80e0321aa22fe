/** As `join.protocolVersion` names it. */
export const version = '1.0';

/**
 * What was on the wire when; additive changes keep the version.
 * 1.0: the document, with the extensions that SPEC.md marks, and the form that the original app speaks.
 */
export const history: readonly string[] = ['1.0'];

/** SHA-256 over the schemas of up.ts and down.ts. A test compares: whoever changes the wire has to say so here. */
export const schemaHash = '34b8c8e46a75c8499f6bad2386d89090649d492c25562a3365ea4ba1e394c7ba';
