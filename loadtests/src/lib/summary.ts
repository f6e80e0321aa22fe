import { text } from './settings.js';

/** To the file that the runner reads; it prints what people look at. */
export function handleSummary(data: unknown): Record<string, string> {
  return { [text('SUMMARY', 'stdout')]: JSON.stringify(data) };
}
