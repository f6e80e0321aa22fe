import { expect, test } from 'vitest';
import { configOf } from './console-config.js';

test('gateways stay in their order, the own one among them, and what is no account is left out', () => {
  const config = configOf(
    {
      gateways: ['https://two.example', 'https://one.example', 7],
      demo: [{ username: 'demo', password: 'p' }, 'x', {}],
    },
    'https://one.example',
  );
  expect(config).toEqual({
    gateways: ['https://two.example', 'https://one.example'],
    demo: [{ username: 'demo', password: 'p' }],
  });
});

test('gateways that are listed by several names of one machine are taken by the name in use', () => {
  const gateways = ['http://127.0.0.1:1', 'http://localhost:1', 'http://127.0.0.1:2', 'http://localhost:2'];
  expect(configOf({ gateways }, 'http://localhost:2').gateways).toEqual(['http://localhost:1', 'http://localhost:2']);
  expect(configOf({ gateways: ['https://two.example'] }, 'https://own.example').gateways[0]).toBe(
    'https://own.example',
  );
});

test.each([undefined, 'text', [], { gateways: 'x', demo: 3 }])('%j is a gateway alone', (value) => {
  expect(configOf(value, 'http://own')).toEqual({ gateways: ['http://own'], demo: [] });
});
