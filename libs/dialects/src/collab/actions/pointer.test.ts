import { describe, expect, it } from 'vitest';
import { binaryFrame } from '../../frame.js';
import { aConnection, aMember, message } from '../../testing/collab.js';

const position = { x: 1.5, y: -2, viewportX: 10, viewportY: 20, timestamp: 123.5 };
const move = (over: object = {}) => message('cursor_move', position, over);
const select = (ranges: unknown, over: object = {}) => message('selection_change', { ranges, color: '#0af' }, over);
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

function binary(type: number, bytes = 18): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes));
  view.setUint16(0, type);
  view.setUint32(2, 999);
  view.setFloat32(6, 3);
  view.setFloat32(10, 8);
  view.setUint32(14, 77);
  return new Uint8Array(view.buffer);
}

describe('cursors', () => {
  it('UP7, UP2, DN10, BN2: go to the room at most every 16.67 ms, as their user’s own', async () => {
    const { harness, login, connectionId } = await aMember();
    const moved = move({ acknowledgment: true });
    await harness.send(moved);
    expect(harness.log[0]).toEqual({
      kind: 'emit',
      key: 'cursor:notes',
      everyMs: 1_000 / 60,
      events: [
        {
          subject: 'evt.room-cursor.notes',
          payload: {
            userId: login.userId,
            numericId: 7,
            connectionId,
            x: 1.5,
            y: -2,
            viewport: { x: 10, y: 20 },
            timestamp: 123.5,
            at: harness.now,
          },
          body: undefined,
        },
      ],
    });
    expect(harness.take()).toMatchObject([{ type: 'ack', payload: { messageId: moved.id } }]);
  });

  it('UP3, DN10: each room has its own', async () => {
    const { harness } = await aMember(['plans', 'notes']);
    await harness.send(move());
    await harness.send(move({ roomId: 'plans' }));
    expect(harness.log).toMatchObject([{ key: 'cursor:notes' }, { key: 'cursor:plans' }]);
  });

  it.each([move(), move({ roomId: 'plans' }), select([]), select([], { roomId: 'plans' })])(
    'UP7: are refused where nobody has joined',
    async (sent) => {
      const harness = await aConnection();
      await harness.send(sent);
      expect(harness.log).toHaveLength(1);
      expect(harness.take()).toMatchObject([
        { type: 'error', payload: { code: 2003, details: { messageId: sent.id }, recoverable: false } },
      ]);
    },
  );
});

describe('selections', () => {
  it('UP8, DN10: go to the room at most every 100 ms, ranges as they were written', async () => {
    const { harness, login, connectionId } = await aMember();
    const sent = select([{ anchor: 1, head: 2, more: [1] }]);
    const json = JSON.stringify(sent).replace('"head":2', '"head" : 2.0');
    await harness.receive({ data: json, binary: false });
    const [emitted] = harness.log;
    if (emitted?.kind !== 'emit') throw new Error('nothing emitted');
    expect(emitted).toMatchObject({ key: 'selection:notes', everyMs: 100 });
    expect(emitted.events[0]).toMatchObject({
      subject: 'evt.room-selection.notes',
      payload: { userId: login.userId, numericId: 7, connectionId, color: '#0af', at: harness.now },
    });
    expect(text(emitted.events[0]?.body)).toBe('[{"anchor":1,"head" : 2.0,"more":[1]}]');
  });
});

describe('binary frames', () => {
  it('BN2, BN4, BN6: are about the room that was joined last, stamped, and answered in kind from then on', async () => {
    const { harness } = await aMember(['plans', 'notes']);
    await harness.receive(binaryFrame(binary(1)));
    await harness.receive(binaryFrame(binary(1, 26)));
    expect(harness.log.map(({ kind }) => kind)).toEqual(['prefer-alternative', 'emit', 'emit']);
    expect(harness.log[1]).toMatchObject({
      key: 'cursor:notes',
      events: [{ payload: { numericId: 7, x: 3, y: 8, timestamp: 77 } }],
    });
    expect(harness.log[1]).not.toHaveProperty('events.0.payload.viewport');
    expect(harness.log[2]).toMatchObject({ events: [{ payload: { viewport: { x: 0, y: 0 } } }] });
  });

  it('BN3: a selection has an anchor and a head, and its user’s color', async () => {
    const { harness } = await aMember();
    await harness.receive(binaryFrame(binary(2)));
    const emitted = harness.log.at(-1);
    if (emitted?.kind !== 'emit') throw new Error('nothing emitted');
    expect(emitted).toMatchObject({ key: 'selection:notes', events: [{ payload: { color: '#aa3366' } }] });
    expect(text(emitted.events[0]?.body)).toBe('[{"anchor":3,"head":8}]');
  });

  it('BN4: without a room there is nobody to see them', async () => {
    const harness = await aConnection();
    await harness.receive(binaryFrame(binary(1)));
    expect(harness.take()).toMatchObject([{ type: 'error', payload: { code: 2003, details: {} } }]);
  });
});
