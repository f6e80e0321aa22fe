/** Each needs a fault, a shutdown, or a look inside, that no client has. */
export const untestable: ReadonlyMap<string, string> = new Map([
  ['MS11', 'needs a gateway that shuts down; the suite’s own test does that'],
  ['MS16', 'what one service tells another is not to be seen from outside'],
  ['MS17', 'needs a gateway that is cut off from the others for longer than a place is held'],
  ['FM5', 'needs a service that fails just as a message comes'],
]);
