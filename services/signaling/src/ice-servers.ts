import { createHmac } from 'node:crypto';
import type { IceServer, UserId } from '@parley/contracts';
import type { Clock } from './clock.js';
import type { SignalingOptions } from './signaling.options.js';

type IceOptions = Pick<SignalingOptions, 'stunUrls' | 'turnUrls' | 'turnSecret' | 'turnTtlSeconds'>;

const forms = {
  PARLEY_ICE_STUN_URLS: /^stuns?:[^\s/?]+$/,
  PARLEY_TURN_URLS: /^turns?:[^\s/?]+(\?transport=(udp|tcp))?$/,
} as const;

/**
 * STUN and TURN for browsers. TURN credentials follow the TURN REST scheme: the name says when it expires (seconds since
 * 1970) and for whom it is, the password is its HMAC-SHA1 under the secret that the TURN server has too.
 */
export class IceServers {
  readonly #options: IceOptions;
  readonly #clock: Clock;

  /** Throws one clear line when the options do not fit together. */
  constructor(options: IceOptions, clock: Clock) {
    checkUrls('PARLEY_ICE_STUN_URLS', options.stunUrls);
    checkUrls('PARLEY_TURN_URLS', options.turnUrls);
    if (options.turnUrls.length > 0 && options.turnSecret === undefined) {
      throw new Error('PARLEY_TURN_URLS needs PARLEY_TURN_SECRET');
    }
    this.#options = options;
    this.#clock = clock;
  }

  for(userId: UserId): { iceServers: IceServer[]; ttl: number } {
    return { iceServers: this.forName(`user_${userId}`), ttl: this.#options.turnTtlSeconds };
  }

  /** `name`: whom the credentials are for. */
  forName(name: string): IceServer[] {
    const { stunUrls, turnUrls, turnSecret, turnTtlSeconds: ttl } = this.#options;
    const iceServers: IceServer[] = [];
    if (stunUrls.length > 0) iceServers.push({ urls: [...stunUrls] });
    if (turnUrls.length > 0 && turnSecret !== undefined) {
      const username = `${String(Math.floor(this.#clock() / 1_000) + ttl)}:${name}`;
      const credential = turnCredential(turnSecret, username);
      iceServers.push({ urls: [...turnUrls], username, credential, credentialType: 'password' });
    }
    return iceServers;
  }
}

export function turnCredential(secret: string, username: string): string {
  return createHmac('sha1', secret).update(username).digest('base64');
}

function checkUrls(variable: keyof typeof forms, urls: readonly string[]): void {
  const wrong = urls.find((url) => !forms[variable].test(url));
  if (wrong !== undefined) throw new Error(`${variable}: "${wrong}" is not such a URL`);
}
