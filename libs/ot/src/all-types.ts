import type { DocumentTypeEntry } from './document-type.js';
import { jsonType } from './json.js';
import { richTextType } from './rich-text.js';
import { textType } from './text.js';

/** Every type that a server speaks, by name. A new one is its file and its line here. */
export const documentTypes: ReadonlyMap<string, DocumentTypeEntry> = new Map(
  [jsonType, textType, richTextType].map((entry) => [entry.name, entry]),
);
