import type { Socket } from 'node:net';

/**
 * What comes before the login is counted as bytes of the socket: counted as frames, a stranger's first one could grow to the
 * size that is meant for users. Counts while `unproven`, and floods once, when there are more than `most`.
 */
export function countUnproven(socket: Socket, most: number, unproven: () => boolean, flood: () => void): void {
  let bytes = 0;
  const count = (chunk: Buffer): void => {
    if (unproven()) {
      bytes += chunk.length;
      if (bytes <= most) return;
      flood();
    }
    socket.off('data', count);
  };
  socket.on('data', count);
}
