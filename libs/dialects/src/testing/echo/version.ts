/** Of the wire; additive changes keep it. */
export const version = '1.0';
