import { MAX_MESSAGE_BYTES } from '@palang/contract/link/envelope';
import { WebSocket } from 'ws';
import type { Dial } from '../../link/socket.js';

const HANDSHAKE_WITHIN = 10_000;

/** Opens WebSockets to the hub's `/link`. `hub` is its HTTP address. No compression: it costs five times the processor for small messages. */
export function createDial(hub: string): Dial {
  const url = new URL('/link', hub);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return (listener) => {
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      handshakeTimeout: HANDSHAKE_WITHIN,
    });
    let reason = 'closed';
    socket.on('open', () => listener.opened());
    socket.on('message', (data, binary) => {
      // The hub has no binary messages; as text they are told to be malformed, like any other noise.
      listener.text(binary ? '<binary>' : String(data));
    });
    // Every error is followed by 'close', which is where it is told.
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', (code, said) =>
      listener.closed(said.length > 0 ? `${code} ${String(said)}` : `${code} ${reason}`),
    );
    return {
      send(message) {
        if (socket.readyState === WebSocket.OPEN) socket.send(message);
      },
      close() {
        // A peer that hangs would keep a polite close waiting for 30 s.
        socket.terminate();
      },
      get bufferedAmount() {
        return socket.bufferedAmount;
      },
    };
  };
}
