import { createPublicKey } from 'node:crypto';
import type { Bus } from '@parley/bus';
import { AccessClaims, auth as contract, compile, type LoginId } from '@parley/contracts';
import { createDecoder, createVerifier } from 'fast-jwt';
import { Type } from '@sinclair/typebox';
import { must } from './world.js';

const claimsCheck = compile(AccessClaims);
const headerCheck = compile(Type.Object({ header: Type.Object({ alg: Type.Literal('RS256'), kid: Type.String() }) }));
const decode = createDecoder({ complete: true });

export function kidOf(accessToken: string): string {
  const decoded: unknown = decode(accessToken);
  if (!headerCheck.is(decoded)) throw new Error('no RS256 token with a key id');
  return decoded.header.kid;
}

/** As a gateway does it: by the published keys and nothing else. */
export async function verified(bus: Bus, accessToken: string, now: number): Promise<AccessClaims> {
  const { keys } = await must(bus.call(contract.keys, {}));
  const kid = kidOf(accessToken);
  const jwk = keys.find((key) => key.kid === kid);
  if (jwk === undefined) throw new Error(`the key ${kid} is not published`);
  const key = createPublicKey({ key: { kty: jwk.kty, n: jwk.n, e: jwk.e }, format: 'jwk' });
  const verify = createVerifier({
    key: key.export({ format: 'pem', type: 'spki' }),
    algorithms: ['RS256'],
    allowedIss: 'parley',
    allowedAud: 'parley',
    clockTimestamp: now,
  });
  const claims: unknown = verify(accessToken);
  if (!claimsCheck.is(claims))
    throw new Error(`not the claims of an access token: ${claimsCheck.explain(claims).field}`);
  return claims;
}

export async function loginOf(bus: Bus, accessToken: string, now: number): Promise<LoginId> {
  return (await verified(bus, accessToken, now)).sid;
}
