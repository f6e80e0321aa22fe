/** A rule was broken. `frame` is what the server sent instead, where something came. */
export class ScenarioFailure extends Error {
  constructor(
    message: string,
    readonly frame?: string,
  ) {
    super(frame === undefined ? message : `${message}\n  frame: ${frame}`);
  }
}

/** The scenario has found that this server cannot show what it is about. */
export class Skipped extends Error {}
