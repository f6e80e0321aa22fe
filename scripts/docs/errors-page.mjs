// @ts-check
import { loadContracts } from './contracts.mjs';
import { code, page, table } from './table.mjs';

/** The one set of error codes. @param {string} root @returns {Promise<string>} */
export async function errorsPage(root) {
  const contracts = await loadContracts(root);
  /** @type {[string, {status: number, level: string, doc: string}][]} */
  const codes = Object.entries(contracts['errorCodes']);
  return page('Error codes', '`libs/contracts/src/errors.ts`', [
    'What any request may fail with. REST answers `{"error": "a sentence", "code": "…", "field"?: "…"}` with the status; each dialect says the same in its own words.',
    table(
      ['Code', 'HTTP status', 'Logged as', 'When'],
      codes.map(([name, { status, level, doc }]) => [code(name), String(status), level, doc]),
    ),
  ]);
}
