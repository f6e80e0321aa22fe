// @ts-check

/** A Markdown table. @param {readonly string[]} heads @param {readonly (readonly string[])[]} rows @returns {string} */
export function table(heads, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.map(escape).join(' | ')} |`;
  return [line(heads), `| ${heads.map(() => '---').join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** @param {string} text */
function escape(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** @param {string} text */
export function code(text) {
  return `\`${text}\``;
}

/** @param {string} title @param {string} from what it is made of @param {readonly string[]} parts */
export function page(title, from, parts) {
  return (
    [`# ${title}`, `<!-- Made by \`npm run docs\` from ${from}. Change those, not this. -->`, ...parts].join('\n\n') +
    '\n'
  );
}
