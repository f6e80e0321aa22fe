import { isRecord, parseJson } from '../../../session/json.js';

/** The device that this window was, with its key, which the server tells only once. */
export interface KeptDevice {
  readonly userId: string;
  readonly deviceId: string;
  readonly name: string;
  readonly key: string;
}

const KEY = 'parley.camera';

/** In this window alone, and gone when it closes. */
export const keptDevice = {
  read(userId: string): KeptDevice | undefined {
    const kept = parseJson(sessionStorage.getItem(KEY) ?? '');
    if (!isRecord(kept) || kept['userId'] !== userId) return undefined;
    const { deviceId, name, key } = kept;
    if (typeof deviceId !== 'string' || typeof name !== 'string' || typeof key !== 'string') return undefined;
    return { userId, deviceId, name, key };
  },
  write(device: KeptDevice | undefined): void {
    if (device === undefined) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify(device));
  },
};
