import { Type, type TString } from '@sinclair/typebox';

/** Neither U+0000, which Postgres does not take, nor half of a surrogate pair, of which UTF-8 makes something else. */
const STORABLE = '^(?:[^\\u0000\\ud800-\\udfff]|[\\ud800-\\udbff][\\udc00-\\udfff])*$';

/** What people write that is kept as it is: whatever else it holds, it can be stored, compared and told again. */
export function storableText(length: { readonly minLength?: number; readonly maxLength: number }): TString {
  return Type.String({ ...length, pattern: STORABLE });
}
