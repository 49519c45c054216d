import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock, Random } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import { Digest } from '@palang/contract/ids';
import { type Database, upsert } from '@palang/db/database';
import type { Photos } from '../link/ports.js';

const LARGEST = 4 * 1_048_576;

/** Photos as files named by their sha256, in folders by its first two characters; the `photos` table says which have arrived. */
export function createPhotos(folder: string, database: Database, clock: Clock, random: Random): Photos {
  const pathOf = (digest: Digest) => join(folder, digest.slice(0, 2), `${digest}.jpg`);

  async function write(path: string, digest: Digest, content: AsyncIterable<Uint8Array>): Promise<number> {
    const file = await open(path, 'wx');
    try {
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of content) {
        bytes += chunk.length;
        if (bytes > LARGEST) throw new CodedError('photo_too_large', 'A photo has at most 4 MB', { limit: LARGEST });
        hash.update(chunk);
        await file.write(chunk);
      }
      const actual = hash.digest('hex');
      if (actual !== digest) throw new CodedError('photo_digest_mismatch', 'Not the bytes of that digest', { actual });
      await file.sync();
      return bytes;
    } finally {
      await file.close();
    }
  }

  return {
    async store(digest, content) {
      const path = pathOf(digest);
      await mkdir(dirname(path), { recursive: true });
      const unfinished = `${path}.${random.hex(8)}.part`;
      let bytes: number;
      try {
        bytes = await write(unfinished, digest, content);
        await rename(unfinished, path);
      } finally {
        await rm(unfinished, { force: true });
      }
      await database.insert(
        'photos',
        ['digest', 'bytes', 'received_at'],
        [[digest, bytes, clock.wall()]],
        upsert(database.dialect, ['digest'], ['bytes']),
      );
    },
    async open(digest) {
      // The digest becomes a path: only a digest may.
      const path = pathOf(Digest.parse(digest));
      const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      });
      return found === null ? null : { bytes: found.size, stream: createReadStream(path) };
    },
  };
}
