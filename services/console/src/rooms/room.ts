import type { ConsoleSession } from '../session/console-session.js';

/** What every room is given. A room is mounted anew when another person signs in. */
export interface RoomProps {
  readonly session: ConsoleSession;
}
