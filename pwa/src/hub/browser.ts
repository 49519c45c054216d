import type { ConnectionPorts, Socket, SocketHandlers } from './connection.js';
import { call } from './http.js';

/** The connection's surroundings in a browser. */
export function browserPorts(now: () => number): ConnectionPorts {
  return {
    now,
    unit: Math.random,
    after: (delay, action) => {
      const timer = setTimeout(action, delay);
      return () => clearTimeout(timer);
    },
    me: () => call('me'),
    open: openSocket,
  };
}

function openSocket(handlers: SocketHandlers): Socket {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new WebSocket(`${scheme}://${location.host}/ws`);
  socket.onmessage = (event) => handlers.message(event.data);
  // A failed attempt reports an error and then a close: one of them is enough.
  socket.onclose = () => handlers.closed();
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => {
      socket.onclose = null;
      socket.onmessage = null;
      socket.close();
    },
  };
}

/** Calls `wake` whenever this page may have slept or its network came back. */
export function onWake(wake: () => void): void {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') wake();
  });
  window.addEventListener('pageshow', wake);
  window.addEventListener('online', wake);
}
