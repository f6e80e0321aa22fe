import { counter, histogram } from '@parley/telemetry';

export const registrations = counter('parley.auth.registrations', {
  unit: '{registration}',
  description: 'Registrations, by result (ok or an error code).',
});

export const logins = counter('parley.auth.logins', {
  unit: '{login}',
  description: 'Login attempts, by result (ok or an error code).',
});

export const refreshes = counter('parley.auth.refreshes', {
  unit: '{refresh}',
  description: 'Refreshes, by result (fresh, retry, reused, expired, unknown, revoked, rate_limited).',
});

export const revocations = counter('parley.auth.revocations', {
  unit: '{login}',
  description: 'Logins revoked, by reason.',
});

export const limited = counter('parley.auth.limited', {
  unit: '{request}',
  description: 'Requests refused by a limit, by its scope.',
});

export const hashDuration = histogram('parley.auth.hash.duration', {
  unit: 's',
  description: 'Time to hash or verify one password, without waiting.',
});

export const keysMade = counter('parley.auth.keys.made', {
  unit: '{key}',
  description: 'Signing keys made by this replica.',
});

export const cleaned = counter('parley.auth.cleaned', {
  unit: '{row}',
  description: 'Expired rows deleted, by table.',
});
