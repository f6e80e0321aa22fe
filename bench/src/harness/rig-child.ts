import type { Values } from './rig.js';

export type Fields = Readonly<Record<string, unknown>>;
export type Commands = Readonly<Record<string, (fields: Fields) => Values | Promise<Values>>>;

const common: Commands = {
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return { user, system };
  },
  memory: () => {
    globalThis.gc?.();
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, heapUsed, external };
  },
};

/** The child's side of `Rig`: says `first`, then answers commands until its parent is gone. */
export function answerCommands(own: Commands, first: Values = {}): void {
  const commands: Commands = { ...common, ...own };
  process.on('message', (message) => {
    if (typeof message !== 'object' || message === null || !('command' in message) || !('id' in message)) return;
    const { id, command, ...fields } = message;
    void answer(id, commands[String(command)], fields);
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ id: 0, value: first });
}

async function answer(id: unknown, command: Commands[string] | undefined, fields: Fields): Promise<void> {
  try {
    process.send?.({ id, value: (await command?.(fields)) ?? {} });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

export function numberOf(fields: Fields, name: string): number {
  return Number(fields[name] ?? 0);
}

export function stringOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

export function stringsOf(fields: Fields, name: string): readonly string[] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
