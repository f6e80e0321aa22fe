import type { ReactNode } from 'react';
import { rateText } from './rates.js';

interface SparklineProps {
  /** What is counted: "Frames in". */
  readonly label: string;
  /** Oldest first. */
  readonly values: readonly number[];
}

const WIDTH = 120;
const HEIGHT = 32;
/** As many as fit: a short history begins at the right. */
const POINTS = 60;

/** The last two minutes of a rate, and what it is now. */
export function Sparkline({ label, values }: SparklineProps): ReactNode {
  const now = values.at(-1);
  const most = Math.max(1, ...values);
  const said =
    now === undefined ? 'not known yet' : `${rateText(now)} a second now, at most ${rateText(Math.max(...values))}`;
  return (
    <figure className="spark">
      <figcaption>
        <span>{label}</span>
        <b>{now === undefined ? '–' : `${rateText(now)}/s`}</b>
      </figcaption>
      <svg
        viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`}
        role="img"
        aria-label={`${label}: ${said}`}
        preserveAspectRatio="none"
      >
        <line x1="0" y1={HEIGHT - 1} x2={WIDTH} y2={HEIGHT - 1} className="spark-ground" />
        {values.length > 1 && <polyline points={pointsOf(values, most)} className="spark-line" />}
      </svg>
    </figure>
  );
}

function pointsOf(values: readonly number[], most: number): string {
  const step = WIDTH / (POINTS - 1);
  const first = WIDTH - (values.length - 1) * step;
  return values
    .map((value, index) => {
      const y = HEIGHT - 2 - (value / most) * (HEIGHT - 6);
      return `${(first + index * step).toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}
