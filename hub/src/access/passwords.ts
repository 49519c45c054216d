import { hash, verify } from '@node-rs/argon2';

/** OWASP's minimum for argon2id (the library's default algorithm): 19 MiB, two passes, one lane; some 50 ms. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Of a password that nobody knows. Verifying against it takes as long as against a real one: an unknown name cannot be told by the time. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$R0iHYE/3e/PLlOtG8eJAiQ$8ObVMS93DB6Dn/6kZvaJGdKrb3j4gvxnAxWmLT2vM6U';

export function hashPassword(password: string): Promise<string> {
  return hash(password, cost);
}

/** `stored` null (no such user) costs the same time and is never right. */
export async function isPassword(stored: string | null, password: string): Promise<boolean> {
  const right = await verify(stored ?? NOBODY, password);
  return right && stored !== null;
}
