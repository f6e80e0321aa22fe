import { hashOf } from '../../../shell/route.js';

/** What to send to somebody who shall join. */
export function inviteTo(serverId: string, here: string): string {
  const url = new URL(here);
  url.hash = hashOf('chat', 'join', serverId);
  return url.href;
}

/** The server's id in what somebody pasted: a link, or the id itself; of a link to a channel, the first. */
export function invitedTo(text: string): string | undefined {
  return /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(text)?.[0].toLowerCase();
}
