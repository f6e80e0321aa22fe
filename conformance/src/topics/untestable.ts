/** Each needs a fault, or a look inside, that no client has. */
export const untestable: ReadonlyMap<string, string> = new Map([
  ['HS5', 'needs a message bus that fails just as a client connects'],
  ['DN9', 'what is held for a slow reader cannot be told apart from what the network still holds'],
  ['ER5', 'needs a fault inside the server'],
]);
