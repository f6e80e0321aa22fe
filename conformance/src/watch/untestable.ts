/** Each needs a fault, or more time, than any client has. */
export const untestable: ReadonlyMap<string, string> = new Map([
  ['HL12', 'needs a message bus or a service that fails just as somebody says hello'],
  ['WT13', 'takes four hours'],
  ['FM9', 'needs a service that fails just as a message comes'],
]);
