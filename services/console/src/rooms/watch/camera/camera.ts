import { ParleyError, WatchDevice, type DeviceSession, type WatchRest } from '@parley/client';
import type { ConsoleSession } from '../../../session/console-session.js';
import { Store } from '../../../session/store.js';
import { keptDevice, type KeptDevice } from './kept-device.js';
import { takePicture, type Picture, type PictureSource } from './picture.js';

export interface CameraOff {
  readonly phase: 'off';
  /** What this window was before, which it can be again. */
  readonly kept: KeptDevice | undefined;
  /** Why it is off, where that was nobody's wish here. */
  readonly error: unknown;
}

export interface CameraOn {
  readonly phase: 'on';
  readonly device: KeptDevice;
  readonly picture: Picture;
  readonly client: WatchDevice;
  readonly viewers: readonly DeviceSession<RTCPeerConnection>[];
}

export interface NewCamera {
  readonly deviceId: string;
  readonly name: string;
}

/** This browser as a device: its key, its picture, who watches it. */
export class Camera {
  readonly state: Store<CameraOff | CameraOn>;

  constructor(
    private readonly session: ConsoleSession,
    private readonly rest: WatchRest,
    /** The list of devices is another now. */
    private readonly changed: () => void,
  ) {
    this.state = new Store<CameraOff | CameraOn>(this.off());
  }

  /** The picture first: where there is none, nothing is registered. */
  async register({ deviceId, name }: NewCamera, source: PictureSource): Promise<void> {
    const picture = await takePicture(source, name);
    try {
      const { key } = await this.rest.register({ deviceId, name });
      if (key === null) throw new ParleyError('internal', 'the device has no key');
      const device = { userId: this.session.user.id, deviceId, name, key };
      keptDevice.write(device);
      this.begin(device, picture);
    } catch (error) {
      picture.stop();
      throw error;
    }
  }

  /** The device of before, with the key that this window has kept. */
  async resume(device: KeptDevice, source: PictureSource): Promise<void> {
    this.begin(device, await takePicture(source, device.name));
  }

  stop(): void {
    this.end(undefined);
  }

  /** The key is worth nothing any more, or the person wants another device. */
  forget(): void {
    keptDevice.write(undefined);
    this.end(undefined);
  }

  private begin(device: KeptDevice, picture: Picture): void {
    const { url, WebSocket, backoff } = this.session.connection('/ws/device');
    const { deviceId, key } = device;
    const client = new WatchDevice({ url, WebSocket, backoff, deviceId, key, media: picture.stream });
    this.state.set({ phase: 'on', device, picture, client, viewers: [] });
    const mine = (): boolean => {
      const state = this.state.get();
      return state.phase === 'on' && state.client === client;
    };
    const count = (): void => {
      const state = this.state.get();
      if (state.phase !== 'on' || state.client !== client) return;
      const viewers = client.sessions;
      this.state.set({ ...state, viewers });
      client.setPresence({ picture: picture.source, size: sizeOf(picture), viewers: viewers.length });
    };
    client.on('session', (viewer) => {
      viewer.on('state', count);
      viewer.on('ended', count);
      count();
    });
    client.on('status', (status) => {
      if (status.state === 'ready') this.changed();
      if (status.state === 'ended' && mine()) this.end(status.error);
    });
    count();
    client.connect().catch((error: unknown) => {
      if (mine() && client.status.state === 'ended') this.end(error);
    });
  }

  private end(error: unknown): void {
    const state = this.state.get();
    // Refused for good: the key belongs to a device that is gone.
    if (error instanceof ParleyError && (error.code === 'unauthorized' || error.code === 'not_found'))
      keptDevice.write(undefined);
    this.state.set(this.off(error));
    if (state.phase !== 'on') return;
    state.client.disconnect();
    state.picture.stop();
    this.changed();
  }

  private off(error?: unknown): CameraOff {
    return { phase: 'off', kept: keptDevice.read(this.session.user.id), error };
  }
}

function sizeOf({ stream }: Picture): string {
  const { width, height } = stream.getVideoTracks()[0]?.getSettings() ?? {};
  return width === undefined || height === undefined ? 'unknown' : `${String(width)}×${String(height)}`;
}
