import type { DeviceConfig, SessionEndReason, ViewerConfig } from '../index.js';
import { WatchDevice, WatchViewer } from '../index.js';
import type { ViewerSession } from '../watch/viewer-session.js';

/** A page that is a device with a camera, or a viewer who watches one; `browser.fault.test.ts` drives it by these names. */
const errors: string[] = [];
const ends: SessionEndReason[] = [];
let device: WatchDevice | undefined;
let viewer: WatchViewer | undefined;
let session: ViewerSession<RTCPeerConnection> | undefined;
let open: () => void = () => undefined;

function heard(error: Error): void {
  errors.push(error.message);
}

/** Gives its picture at once, or only when `openShutter` is called. */
async function beDevice(config: Pick<DeviceConfig, 'url' | 'deviceId' | 'key'>, isShut = false): Promise<void> {
  const camera = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
  const opened = new Promise<void>((resolve) => {
    if (isShut) open = resolve;
    else resolve();
  });
  const media = async (): Promise<MediaStream> => {
    await opened;
    return camera;
  };
  device = new WatchDevice({ ...config, media, backoff: { baseMs: 100, maxMs: 500 } });
  device.on('error', heard);
  device.on('session', (begun) => {
    begun.on('error', heard);
    begun.on('ended', (reason) => ends.push(reason));
  });
  await device.connect();
}

async function beViewer(config: Pick<ViewerConfig, 'url' | 'token'>): Promise<void> {
  viewer = new WatchViewer({ ...config, backoff: { baseMs: 100, maxMs: 500 } });
  viewer.on('error', heard);
  await viewer.connect();
}

async function watch(deviceId: string): Promise<void> {
  if (viewer === undefined) throw new Error('this page is no viewer');
  session = await viewer.watch(deviceId);
  session.on('error', heard);
  session.on('ended', (reason) => ends.push(reason));
  session.on('stream', (stream) => {
    const video = document.createElement('video');
    Object.assign(video, { autoplay: true, muted: true, srcObject: stream });
    document.body.append(video);
  });
}

/** What the page sees: a summary, and the video frames that were decoded. */
async function look() {
  const client = device ?? viewer;
  const stats = [...((await session?.peerConnection.getStats())?.values() ?? [])];
  const frames = stats.reduce((sum: number, one: unknown) => sum + framesOf(one), 0);
  return {
    status: client?.status.state,
    sessions: (device ?? viewer)?.sessions.map(({ state }) => state) ?? [],
    ufrag: /a=ice-ufrag:(\S+)/.exec(session?.peerConnection.localDescription?.sdp ?? '')?.[1],
    frames,
    ends,
    errors,
  };
}

function framesOf(report: unknown): number {
  const isVideo = typeof report === 'object' && report !== null && 'framesDecoded' in report;
  return isVideo && typeof report.framesDecoded === 'number' ? report.framesDecoded : 0;
}

Object.assign(globalThis, {
  beDevice,
  beViewer,
  watch,
  look,
  openShutter: () => open(),
  beginIceAnew: () => session?.begin(),
  end: () => session?.end(),
});
