import { loadOptions, OptionsError, type Environment, type OptionDefinitions, type Options } from '@parley/config';
import { commonOptions, type CommonOptions } from './common-options.js';

/** The common options and the service's own; throws `OptionsError` with the problems of both. */
export function loadAll<D extends OptionDefinitions>(
  own: D,
  env: Environment,
): { readonly common: CommonOptions; readonly options: Options<D> } {
  const problems: string[] = [];
  const common = attempt(problems, () => loadOptions(commonOptions, env));
  const options = attempt(problems, () => loadOptions(own, env));
  if (common === undefined || options === undefined) throw new OptionsError(problems);
  return { common, options };
}

function attempt<T>(problems: string[], load: () => T): T | undefined {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}
