/** One WebSocket as the link sees it. After `closed` no other call comes, and everything sent is dropped silently. */
export interface LinkSocket {
  send(message: string | Uint8Array): void;
  close(): void;
  /** Bytes handed over and not yet taken by the network. */
  readonly bufferedAmount: number;
}

export interface LinkSocketListener {
  opened(): void;
  text(message: string): void;
  /** Told once, also when the connection never came about. */
  closed(reason: string): void;
}

export type Dial = (listener: LinkSocketListener) => LinkSocket;
