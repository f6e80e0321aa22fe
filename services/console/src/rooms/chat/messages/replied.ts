/** What a message answers. */
export interface Replied {
  readonly author: string | undefined;
  readonly text: string;
}
