import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const folder = new URL('..', import.meta.url);
const readme = readFileSync(new URL('README.md', folder), 'utf8');

/** What the examples take from the app that they are part of. */
const APP = `
declare function fetchToken(): Promise<string>;
declare function show(...things: unknown[]): void;
declare function draw(things: unknown): void;
declare function reload(patterns: readonly string[]): void;
declare function reloadMessages(): void;
declare function peer(userId: string): { take(signal: unknown): void };
declare const editor: HTMLTextAreaElement;
declare const video: HTMLVideoElement;
declare const undoButton: HTMLButtonElement, stopButton: HTMLButtonElement;
declare const kickButton: HTMLButtonElement, leaveButton: HTMLButtonElement;
declare const channelId: string, userId: string, deviceId: string, deviceKey: string, memberId: string, sdp: string;
`;

/** The examples as modules of this package, which finds itself by its name as an app finds it. */
function examples(): ReadonlyMap<string, string> {
  const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);
  return new Map(blocks.map((code, index) => [path(`src/readme-${String(index)}.ts`), code]));
}

function path(name: string): string {
  return fileURLToPath(new URL(name, folder));
}

test('every example of the README compiles, in strict mode', () => {
  const files = new Map([...examples(), [path('src/readme-app.d.ts'), APP]]);
  expect(files.size).toBeGreaterThan(6);
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists.call(host, name);
  host.readFile = (name) => files.get(name) ?? readFile.call(host, name);
  host.getSourceFile = (name, version, ...more) => {
    const code = files.get(name);
    if (code === undefined) return getSourceFile.call(host, name, version, ...more);
    return ts.createSourceFile(name, code, version);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file?.text.slice(start).split('\n')[0] ?? '';
    return `${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
  expect(problems).toEqual([]);
});
