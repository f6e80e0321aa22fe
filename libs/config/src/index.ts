export { option } from './kinds.js';
export {
  OptionsError,
  defineOptions,
  describeOptions,
  loadOptions,
  type Environment,
  type OptionDefinitions,
  type OptionRow,
  type Options,
} from './load.js';
export type { Option } from './option.js';
export { unknownVariables } from './unknown.js';
