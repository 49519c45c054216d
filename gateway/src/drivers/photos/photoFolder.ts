import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '@palang/contract/errors';
import { Digest } from '@palang/contract/ids';
import type { PhotoFolder } from '../../photos/outbox.js';

/** Photos as files named by their sha256. Written whole and forced to the disk before they have their name. `most`: bytes that may be kept. */
export function createPhotoFolder(folder: string, most: number): PhotoFolder {
  let bytes = 0;
  const path = (digest: Digest): string => join(folder, `${digest}.jpg`);
  return {
    async open() {
      await mkdir(folder, { recursive: true });
      const waiting: Digest[] = [];
      for (const name of await readdir(folder)) {
        const digest = Digest.safeParse(name.slice(0, -'.jpg'.length));
        if (name.endsWith('.new')) await rm(join(folder, name));
        if (!name.endsWith('.jpg') || !digest.success) continue;
        waiting.push(digest.data);
        bytes += (await stat(join(folder, name))).size;
      }
      return waiting;
    },
    async put(jpeg) {
      const digest = Digest.parse(createHash('sha256').update(jpeg).digest('hex'));
      if (bytes + jpeg.length > most) throw new CodedError('photo_store_full', 'No room for photos', { bytes, most });
      bytes += jpeg.length;
      const file = await open(`${path(digest)}.new`, 'w');
      try {
        await file.writeFile(jpeg);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path(digest)}.new`, path(digest));
      return digest;
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
      bytes -= (await stat(path(digest))).size;
      await rm(path(digest));
    },
    setAside: (digest) => rename(path(digest), `${path(digest)}.refused`),
  };
}
