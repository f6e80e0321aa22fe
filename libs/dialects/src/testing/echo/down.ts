import { Type, type Static } from '@sinclair/typebox';

/** What the server sends. */
const Text = Type.String();

export const Hello = Type.Object({ type: Type.Literal('hello'), name: Text });
export const Said = Type.Object({ type: Type.Literal('said'), text: Text });
export const Refused = Type.Object({ type: Type.Literal('refused'), field: Text, message: Text });
export const Notice = Type.Object({ type: Type.Literal('notice'), title: Text });

export const Down = Type.Union([Hello, Said, Refused, Notice]);
export type Down = Static<typeof Down>;
