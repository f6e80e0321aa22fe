import type { Wire } from '../../wire.js';
import * as down from './down.js';
import { examples } from './examples.js';
import { up } from './up.js';

export const wire: Wire = {
  title: 'Echo',
  summary: 'Says back what it is told.',
  up: {
    say: { schema: up.say, summary: 'Anything.', rules: ['MS1'], answers: ['said', 'refused'] },
  },
  down: {
    hello: { schema: down.Hello, summary: 'The first message.', rules: ['HS3'] },
    said: { schema: down.Said, summary: 'Answers say.', rules: ['MS1'] },
    refused: { schema: down.Refused, summary: 'What came does not fit.', rules: ['MS2'] },
    notice: { schema: down.Notice, summary: 'From the server, for everyone.', rules: ['MS3'] },
  },
  closes: [{ code: 1008, summary: 'no token, or a rejected one', rules: ['HS2'] }],
  examples,
};
