import { Type, type Static } from '@sinclair/typebox';

/** What clients send. Unknown fields are ignored. */
export const MAX_TEXT = 1_000;

export const Say = Type.Object({ type: Type.Literal('say'), text: Type.String({ maxLength: MAX_TEXT }) });

/** Every message, by its type. */
export const up = { say: Say } as const;
export type UpMessage = Static<typeof Say>;
