import { expect, test } from 'vitest';
import { compile } from './check.js';
import { storableText } from './text.js';

const name = compile(storableText({ minLength: 1, maxLength: 8 }));

test.each(['a', 'Ada’s', '\u{1f3a7}', '\u{1f3a7}\u{1f4f1}', 'a\nb\u0001', '\uffff\ufffd', '\ud7ff\ue000'])(
  'keeps %j',
  (text) => {
    expect(name.is(text)).toBe(true);
  },
);

test.each(['', 'a\0b', '\0', '\ud800', '\udc00', 'a\ud83cb', '\udfa7\ud83c', '\u{1f3a7}\udfa7', '123456789', 7])(
  'refuses %j',
  (text) => {
    expect(name.is(text)).toBe(false);
  },
);
