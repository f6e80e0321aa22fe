/** Each needs a fault, a race, or a look inside, that no client has. */
export const untestable: ReadonlyMap<string, string> = new Map([
  ['HS5', 'needs a message bus or a service that fails just as a client connects'],
  ['HS8', 'needs a membership that changes between two steps of a handshake'],
  ['DN9', 'what is held for a slow reader cannot be told apart from what the network still holds'],
  ['SV4', 'needs a fault just as the connection takes notice of a new server'],
  ['ER2', 'needs a fault inside the server'],
]);
