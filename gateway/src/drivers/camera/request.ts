import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Clock } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';

export type CameraError = CodedError<'camera_offline' | 'camera_timeout'>;

export function offline(reason: string): CameraError {
  return new CodedError('camera_offline', `The camera gives no picture: ${reason}`, { reason });
}

export interface Exchange {
  /** Ends it without a word; nothing is told afterwards. */
  abort(): void;
}

export interface ExchangeListener {
  data(chunk: Buffer): void;
  end(): void;
  failed(error: CameraError): void;
  /** `data` is followed by `end` or `failed`; nothing arriving for this long is `camera_timeout`, ms. */
  readonly silence: number;
}

/** GET by HTTP or HTTPS. Told of what comes, and once how it ended; anything but 200 has failed. */
export function get(url: URL, clock: Clock, listener: ExchangeListener): Exchange {
  let over = false;
  const end = (tell: () => void) => {
    if (over) return;
    over = true;
    stopTimer();
    request.destroy();
    tell();
  };
  const timer = () =>
    clock.after(listener.silence, () => {
      const error: CameraError = new CodedError('camera_timeout', 'The camera fell silent', {
        after: listener.silence,
      });
      end(() => listener.failed(error));
    });
  let stopTimer = timer();
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const request = send(url, { agent: false });
  const lost = (error: Error) => end(() => listener.failed(offline(error.message)));
  request.on('error', lost);
  request.on('response', (response: IncomingMessage) => {
    response.on('error', lost);
    if (response.statusCode !== 200) return lost(new Error(`status ${response.statusCode ?? 'unknown'}`));
    response.on('data', (chunk: Buffer) => {
      if (over) return;
      stopTimer();
      stopTimer = timer();
      listener.data(chunk);
    });
    response.on('end', () => end(() => listener.end()));
    response.on('close', () => lost(new Error('the connection was closed')));
  });
  request.end();
  return { abort: () => end(() => undefined) };
}
