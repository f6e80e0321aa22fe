import type { TSchema } from '@sinclair/typebox';

/**
 * What a dialect says on the wire, for documents and tools: which messages there are, by the schemas that the dialect
 * itself reads and writes with, and which rules of its SPEC.md they follow.
 */
export interface Wire {
  readonly title: string;
  readonly summary: string;
  /** What clients send, by name. */
  readonly up: Readonly<Record<string, UpWire>>;
  /** What the server sends, by name. */
  readonly down: Readonly<Record<string, MessageWire>>;
  /** By name; absent: binary frames are refused. */
  readonly binary?: Readonly<Record<string, BinaryWire>>;
  /** Closes beyond those by which the gateway ends a connection. */
  readonly closes: readonly CloseWire[];
  /** Ways to give a token beyond those that every dialect has. */
  readonly credentials?: readonly CredentialWire[];
  /** Raw frames as the golden transcripts have them, by `up <name>` and `down <name>`. */
  readonly examples: Examples;
}

export type Examples = Readonly<Record<string, readonly string[]>>;

export interface MessageWire {
  /** The very object that the dialect validates or builds with. */
  readonly schema: TSchema;
  readonly summary: string;
  readonly rules: readonly string[];
  /** Where it is spoken; absent: at every endpoint of the dialect. */
  readonly endpoint?: string;
}

export interface UpWire extends MessageWire {
  /** Names of what may answer it, errors included. */
  readonly answers?: readonly string[];
}

export interface BinaryWire {
  readonly direction: 'up' | 'down' | 'both';
  readonly summary: string;
  readonly rules: readonly string[];
  /** In order; numbers are in network byte order. */
  readonly layout: readonly FieldWire[];
}

export interface FieldWire {
  readonly name: string;
  readonly type: 'uint8' | 'uint16' | 'uint32' | 'float32' | 'bytes';
  readonly summary: string;
  readonly optional?: boolean;
}

export interface CloseWire {
  readonly code: number;
  readonly summary: string;
  readonly rules: readonly string[];
}

export interface CredentialWire {
  readonly name: string;
  readonly in: 'query' | 'message';
  readonly summary: string;
}

/** Of a dialect that says nothing. */
export const silence: Wire = { title: 'Silence', summary: '', up: {}, down: {}, closes: [], examples: {} };
