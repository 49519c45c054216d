import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signWith,
  verify as verifyWith,
} from 'node:crypto';
import { CodedError } from '@palang/contract/errors';
import type { KeyFiles } from './files.js';

/** The gateway's own Ed25519 key, made on the device and never leaving it. */
export interface Identity {
  /** SPKI DER, base64. */
  readonly publicKey: string;
  /** Ed25519 over the text's UTF-8 bytes, base64. */
  sign(text: string): string;
}

/**
 * Reads the key file, or makes it at the first start.
 * @throws CodedError `bad_key_file` when the file holds something else.
 */
export function loadIdentity(files: KeyFiles, path: string): Identity {
  const stored = files.read(path);
  const key = stored === null ? generateKeyPairSync('ed25519').privateKey : parsePrivate(stored, path);
  if (stored === null) files.write(path, key.export({ type: 'pkcs8', format: 'pem' }).toString());
  return {
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64'),
    sign: (text) => signWith(null, Buffer.from(text), key).toString('base64'),
  };
}

/** Checks what the hub signed. False for a wrong signature or a key or signature that is none. */
export function verifier(hubPublicKey: string): (text: string, signature: string) => boolean {
  const key = parsePublic(hubPublicKey);
  return (text, signature) => verifyWith(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
}

/** @throws CodedError `bad_hub_key`. */
export function parsePublic(base64: string): KeyObject {
  try {
    const key = createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Told below, with what it was.
  }
  throw new CodedError('bad_hub_key', 'Not an Ed25519 public key (SPKI DER, base64)', { base64 });
}

function parsePrivate(pem: string, path: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Told below; the text itself is a secret.
  }
  throw new CodedError('bad_key_file', 'Not an Ed25519 private key (PKCS8 PEM)', { path });
}
