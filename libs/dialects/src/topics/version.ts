/** As `protocol_version` of the welcome tells it. */
export const version = '1.0';

/**
 * What was on the wire when; additive changes keep the version.
 * 1.0: the document, with the extensions that SPEC.md marks.
 */
export const history: readonly string[] = ['1.0'];

/** SHA-256 over the schemas of up.ts and down.ts. A test compares: whoever changes the wire has to say so here. */
export const schemaHash = 'fc770ef8b1bc0d4f4a80598ed89dbf7efc909d665a1fc3265a9157aade3161b1';
