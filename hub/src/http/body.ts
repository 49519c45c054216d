import type { IncomingMessage } from 'node:http';
import { CodedError } from '@palang/contract/errors';

export const MAX_BODY_BYTES = 262_144;

/**
 * Reads a JSON body.
 * @throws CodedError `unsupported_media_type` (not JSON, or compressed: a small body can hide a huge one), `body_too_large`, `bad_body`.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json' || request.headers['content-encoding'] !== undefined) {
    throw new CodedError('unsupported_media_type', 'Expected Content-Type: application/json, not compressed');
  }
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    throw new CodedError('bad_body', 'The body is not JSON');
  }
}

function tooLarge(): CodedError {
  return new CodedError('body_too_large', `A body may have at most ${MAX_BODY_BYTES} bytes`);
}
