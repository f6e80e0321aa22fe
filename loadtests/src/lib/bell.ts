import { clearTimeout, setTimeout } from 'k6/timers';

/** Rung by whoever hears something; whoever waits looks again. */
export class Bell {
  private look: () => void = () => undefined;

  ring(): void {
    this.look();
  }

  /** False: not in time. One waits at a time. */
  until(question: () => boolean, withinMs: number): Promise<boolean> {
    if (question()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (answer: boolean): void => {
        clearTimeout(timer);
        this.look = () => undefined;
        resolve(answer);
      };
      const timer = setTimeout(() => finish(false), withinMs);
      this.look = () => {
        if (question()) finish(true);
      };
    });
  }
}
