import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';

/**
 * Private keys at rest: AES-256-GCM under a key that scrypt makes of the operator's secret and a salt per row, bound to
 * the key's id. Layout: salt (16), nonce (12), tag (16), ciphertext.
 */
const SALT = 16;
const NONCE = 12;
const TAG = 16;

export async function seal(secret: string, kid: string, plain: Buffer): Promise<Buffer> {
  const salt = randomBytes(SALT);
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', await deriveKey(secret, salt), nonce).setAAD(Buffer.from(kid));
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), ciphertext]);
}

/** Undefined when the secret is not the one it was sealed with, or the bytes were changed. */
export async function open(secret: string, kid: string, sealed: Buffer): Promise<Buffer | undefined> {
  const tagAt = SALT + NONCE;
  if (sealed.length < tagAt + TAG) return undefined;
  const key = await deriveKey(secret, sealed.subarray(0, SALT));
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(SALT, tagAt), { authTagLength: TAG });
  decipher.setAAD(Buffer.from(kid)).setAuthTag(sealed.subarray(tagAt, tagAt + TAG));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(tagAt + TAG)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function deriveKey(secret: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, 32, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
