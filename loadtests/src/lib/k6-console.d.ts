/** k6 has it; its types leave it to those of browsers, which have much that k6 has not. */
declare const console: { error(text: string): void; log(text: string): void };
