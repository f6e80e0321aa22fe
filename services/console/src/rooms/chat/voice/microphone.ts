/** Why there is no microphone: what a person can do about it. */
export type MicrophoneProblem = 'denied' | 'missing' | 'busy' | 'insecure';

export class NoMicrophone extends Error {
  constructor(readonly problem: MicrophoneProblem) {
    super(texts[problem]);
  }
}

const texts: Readonly<Record<MicrophoneProblem, string>> = {
  denied:
    'This page may not use the microphone. Allow it in the browser’s site settings (beside the address) and join again, or join to listen only.',
  missing: 'No microphone was found. Plug one in and join again, or join to listen only.',
  busy: 'The microphone could not be opened; another program may be using it. Close that and join again, or join to listen only.',
  insecure: 'A browser gives microphones only to pages from https or from this computer. You can join to listen only.',
};

/** Throws `NoMicrophone`. */
export async function openMicrophone(): Promise<MediaStream> {
  // Where the page is not secure, browsers leave it out.
  if (!('mediaDevices' in navigator)) throw new NoMicrophone('insecure');
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
  } catch (error) {
    throw new NoMicrophone(problemOf(error));
  }
}

function problemOf(error: unknown): MicrophoneProblem {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'missing' : 'busy';
}
