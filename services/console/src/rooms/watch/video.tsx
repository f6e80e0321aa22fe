import { useEffect, useRef, type ReactNode } from 'react';

interface VideoProps {
  readonly stream: MediaStream | undefined;
  /** Said to who does not see it. */
  readonly label: string;
}

/** A stream, without sound, shown as soon as it flows. */
export function Video({ stream, label }: VideoProps): ReactNode {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current !== null) video.current.srcObject = stream ?? null;
  }, [stream]);
  return <video ref={video} className="watch-video" aria-label={label} autoPlay muted playsInline />;
}
