import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '@palang/contract/errors';
import { Digest } from '@palang/contract/ids';
import type { PhotoFolder } from '../../photos/outbox.js';

const JPEG = '.jpg';
const REFUSED = '.refused';

/** Photos as files named by their sha256. Written whole and forced to the disk before they have their name. `most`: bytes that may be kept. */
export function createPhotoFolder(folder: string, most: number): PhotoFolder {
  const sizes = new Map<Digest, number>();
  let bytes = 0;
  let tail: Promise<unknown> = Promise.resolve();
  const path = (digest: Digest): string => join(folder, digest + JPEG);

  const know = (digest: Digest, size: number): void => {
    forget(digest);
    sizes.set(digest, size);
    bytes += size;
  };
  const forget = (digest: Digest): void => {
    bytes -= sizes.get(digest) ?? 0;
    sizes.delete(digest);
  };

  async function store(digest: Digest, jpeg: Uint8Array): Promise<void> {
    if (sizes.has(digest)) return;
    if (bytes + jpeg.length > most) throw new CodedError('photo_store_full', 'No room for photos', { bytes, most });
    try {
      await write(`${path(digest)}.new`, jpeg);
      await rename(`${path(digest)}.new`, path(digest));
    } catch (error) {
      // Half a picture on a full disk would stay until the next start.
      await rm(`${path(digest)}.new`, { force: true });
      throw error;
    }
    await sync(folder);
    know(digest, jpeg.length);
  }

  return {
    async open() {
      await mkdir(folder, { recursive: true });
      const waiting: Digest[] = [];
      for (const name of await readdir(folder)) {
        const digest = Digest.safeParse(name.split('.', 1)[0]);
        if (name.endsWith('.new')) await rm(join(folder, name));
        else if (digest.success && [JPEG, JPEG + REFUSED].includes(name.slice(digest.data.length))) {
          know(digest.data, (await stat(join(folder, name))).size);
          if (!name.endsWith(REFUSED)) waiting.push(digest.data);
        }
      }
      return waiting;
    },
    put(jpeg) {
      const digest = Digest.parse(createHash('sha256').update(jpeg).digest('hex'));
      // One after the other: the same picture twice at once would be two writers of one file.
      const stored = tail.then(() => store(digest, jpeg));
      tail = stored.catch(() => undefined);
      return stored.then(() => digest);
    },
    async get(digest) {
      try {
        return await readFile(path(digest));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        throw error;
      }
    },
    async remove(digest) {
      await rm(path(digest));
      forget(digest);
    },
    /** Still takes its room: a hub that refuses everything must not fill the disk. */
    setAside: (digest) => rename(path(digest), `${path(digest)}${REFUSED}`),
  };
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A new name is on the disk only once its folder is. */
async function sync(folder: string): Promise<void> {
  const opened = await open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
