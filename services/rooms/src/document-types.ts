import type { DocumentType } from '@parley/contracts';
import { entryOf, type DocumentTypeEntry } from '@parley/ot';
import { json } from '@parley/ot/json';
import { richText } from '@parley/ot/rich-text';
import { text } from '@parley/ot/text';

/** Every type of the contract; one that is added there must be added here. */
export const documentTypes: Readonly<Record<DocumentType, DocumentTypeEntry>> = {
  json: entryOf(json),
  text: entryOf(text),
  'rich-text': entryOf(richText),
};
