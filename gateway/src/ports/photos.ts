import type { Digest } from '@palang/contract/ids';

/** Photos on the gateway's disk until the hub has them. */
export interface Photos {
  /** Stores and names a picture; resolves when it is on the disk. @throws CodedError `photo_store_full`. */
  put(jpeg: Uint8Array): Promise<Digest>;
  get(digest: Digest): Promise<Uint8Array | null>;
}
