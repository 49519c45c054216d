import { hubRoutes } from '@palang/contract/api/routes';
import { PairResult } from '@palang/contract/api/shapes';
import { CodedError } from '@palang/contract/errors';
import type { Digest } from '@palang/contract/ids';

const WITHIN = 15_000;

export interface HubHttp {
  /**
   * Hands the public key over with a one-time code; returns the hub's public key (SPKI DER, base64).
   * @throws CodedError `pairing_refused` (the code is of no use), `hub_unreachable` (try again).
   */
  pair(code: string, gateway: string, publicKey: string): Promise<string>;
  /** @throws CodedError `photo_refused` (the hub will not take it), `upload_unauthorised` (wait for another token), `hub_unreachable`. */
  putPhoto(digest: Digest, jpeg: Uint8Array, token: string): Promise<void>;
}

/** The few calls that a gateway makes to the hub beside the link. */
export function createHubHttp(hub: string): HubHttp {
  const { pair, putPhoto } = hubRoutes;
  return {
    async pair(code, gateway, publicKey) {
      const body = JSON.stringify({ code, gateway, public_key: publicKey });
      const response = await ask(hub, pair.path, { method: pair.method, body, headers: json });
      const said: unknown = await response.json().catch(() => null);
      const refused = response.status >= 400 && response.status < 500 && response.status !== 429;
      if (refused) throw new CodedError('pairing_refused', 'The hub refuses the pairing code', { said });
      const result = PairResult.safeParse(said);
      if (!response.ok || !result.success)
        throw new CodedError('hub_unreachable', `Answered ${response.status}`, { said });
      return result.data.hub_public_key;
    },
    async putPhoto(digest, jpeg, token) {
      const path = putPhoto.path.replace(':digest', digest);
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'image/jpeg' };
      const response = await ask(hub, path, { method: putPhoto.method, body: jpeg, headers });
      await response.body?.cancel();
      if (response.ok) return;
      const { status } = response;
      const code =
        status === 401 || status === 403 || status === 404
          ? 'upload_unauthorised'
          : status >= 500 || status === 408 || status === 429
            ? 'hub_unreachable'
            : 'photo_refused';
      throw new CodedError(code, `The hub answered ${status}`, { digest });
    },
  };
}

const json = { 'content-type': 'application/json' };

async function ask(hub: string, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(new URL(path, hub), { ...init, signal: AbortSignal.timeout(WITHIN), redirect: 'error' });
  } catch (error) {
    throw new CodedError('hub_unreachable', 'The hub does not answer', { error: String(error) });
  }
}
