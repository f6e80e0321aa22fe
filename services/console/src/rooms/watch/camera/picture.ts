/** What a device shows, until `stop`. */
export interface Picture {
  readonly source: PictureSource;
  readonly stream: MediaStream;
  stop(): void;
}

export type PictureSource = 'camera' | 'test picture';

const WIDTH = 640;
const HEIGHT = 360;
const FRAMES_PER_SECOND = 15;

/** Rejects with an error whose message says what a person can do about it. */
export async function takePicture(source: PictureSource, title: string): Promise<Picture> {
  return source === 'camera' ? camera() : testPicture(title);
}

async function camera(): Promise<Picture> {
  // Browsers give cameras to secure pages alone; the type does not say so.
  if (!('mediaDevices' in navigator)) {
    throw new Error('A browser gives its camera only to pages from https or localhost. Use the test picture instead.');
  }
  try {
    const video = { width: { ideal: 1280 }, height: { ideal: 720 } };
    const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    return { source: 'camera', stream, stop: () => stopTracks(stream) };
  } catch (error) {
    throw new Error(wordsFor(error), { cause: error });
  }
}

function wordsFor(error: unknown): string {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'The browser did not allow this page to use the camera. Allow it beside the address, or use the test picture.';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'There is no camera here. Use the test picture instead.';
    case 'NotReadableError':
    case 'AbortError':
      return 'The camera does not answer; perhaps another program uses it. Close that, or use the test picture.';
    default:
      return `There is no picture to be had from the camera: ${String(error)}`;
  }
}

/** Something that moves, and the time: who watches sees at once how far behind they are. */
function testPicture(title: string): Picture {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser cannot draw a test picture.');
  let frame = 0;
  const next = (): void => {
    draw(context, title, frame);
    frame += 1;
  };
  next();
  const stream = canvas.captureStream(FRAMES_PER_SECOND);
  const timer = setInterval(next, 1_000 / FRAMES_PER_SECOND);
  const stop = (): void => {
    clearInterval(timer);
    stopTracks(stream);
  };
  return { source: 'test picture', stream, stop };
}

const BARS = ['#e7e9e6', '#d9c33c', '#2fa7a0', '#3f9d4b', '#a2478f', '#b8423a', '#2f56a3'] as const;

function draw(context: CanvasRenderingContext2D, title: string, frame: number): void {
  const bar = WIDTH / BARS.length;
  for (const [index, colour] of BARS.entries()) {
    context.fillStyle = colour;
    context.fillRect(index * bar, 0, bar + 1, HEIGHT);
  }
  context.fillStyle = '#10201d';
  context.fillRect(0, HEIGHT - 96, WIDTH, 96);
  const swing = (Math.sin(frame / 12) + 1) / 2;
  context.fillStyle = '#4fd1c0';
  context.beginPath();
  context.arc(40 + swing * (WIDTH - 80), HEIGHT - 130, 22, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = '#ffffff';
  context.font = '600 26px sans-serif';
  context.fillText(title, 20, HEIGHT - 56, WIDTH - 40);
  context.font = '22px monospace';
  context.fillText(`${new Date().toLocaleTimeString()}  frame ${String(frame)}`, 20, HEIGHT - 22, WIDTH - 40);
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
