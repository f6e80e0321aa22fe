import { describe, expect, it } from 'vitest';
import { open, seal } from './key-sealing.js';

const plain = Buffer.from('a private key');

describe('sealing', () => {
  it('opens with the secret and the id it was sealed with, and with nothing else', async () => {
    const sealed = await seal('secret', 'kid', plain);
    expect(sealed.includes(plain)).toBe(false);
    expect(await open('secret', 'kid', sealed)).toEqual(plain);
    expect(await open('other', 'kid', sealed)).toBeUndefined();
    expect(await open('secret', 'another', sealed)).toBeUndefined();
  });

  it('refuses changed and truncated bytes', async () => {
    const sealed = await seal('secret', 'kid', plain);
    for (const at of [0, 20, 30, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(await open('secret', 'kid', changed)).toBeUndefined();
    }
    expect(await open('secret', 'kid', sealed.subarray(0, 40))).toBeUndefined();
  });
});
