export interface Account {
  readonly id: string;
  readonly username: string;
  readonly token: string;
  /** As the server granted it. */
  readonly grant: Readonly<Record<string, unknown>>;
}
