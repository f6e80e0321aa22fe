import { DocumentType, newConnectionId, newUserId, ok } from '@parley/contracts';
import { defaultServerDocumentLimits } from '@parley/ot';
import { documentTypes } from '@parley/ot/all-types';
import { describe, expect, it } from 'vitest';
import { RoomDocument } from './room-document.js';

describe('every type of the contract', () => {
  it('can be opened', () => {
    const content = { json: {}, text: '', 'rich-text': { ops: [] } };
    for (const { const: type } of DocumentType.anyOf) {
      expect(documentTypes.has(type)).toBe(true);
      const stored = { type, content: content[type], version: 1, log: [] };
      expect(RoomDocument.open(stored, defaultServerDocumentLimits).ok).toBe(true);
    }
  });
});

describe('text and checksum', () => {
  const open = (content: string) => {
    const opened = RoomDocument.open({ type: 'text', content, version: 1, log: [] }, defaultServerDocumentLimits);
    if (!opened.ok) throw new Error(opened.error.message);
    return opened.value;
  };

  it('are made once per version', () => {
    const document = open('x'.repeat(200_000));
    expect(document.checksum()).toBe(document.checksum());
    expect(document.rendering()).toBe(document.rendering());
  });

  it('are of the version that they were asked of, whatever is committed meanwhile', async () => {
    const document = open('x'.repeat(200_000));
    const checksum = document.checksum();
    const before = document.rendering();
    document.stage(['y'], 1, { id: 'one', userId: newUserId(), connectionId: newConnectionId() });
    document.commit();
    const after = document.rendering();
    expect(await before).toEqual(ok({ version: 1, text: JSON.stringify('x'.repeat(200_000)) }));
    expect(await after).toEqual(ok({ version: 2, text: JSON.stringify(`y${'x'.repeat(200_000)}`) }));
    expect(await checksum).not.toEqual(await document.checksum());
  });
});
