/** Each needs a fault, or a look inside, that no client has. */
export const untestable: ReadonlyMap<string, string> = new Map([
  ['DN9', 'what is held for a slow reader cannot be told apart from what the network still holds'],
  ['ER9', 'needs a fault inside the server'],
]);
