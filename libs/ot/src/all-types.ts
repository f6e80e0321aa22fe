import { entryOf, type DocumentTypeEntry } from './document-type.js';
import { json } from './json.js';
import { richText } from './rich-text.js';
import { text } from './text.js';

/** Every type that a server speaks, by name. A new one is its file and its line here. */
export const documentTypes: ReadonlyMap<string, DocumentTypeEntry> = new Map(
  [entryOf(json), entryOf(text), entryOf(richText)].map((entry) => [entry.name, entry]),
);
