import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import * as messages from '@palang/gateway/drivers/board/messages';
import { openSerial } from '@palang/gateway/drivers/board/transport';

/**
 * `node bareHost.js TTY FOLDER`: the least that can answer a tap durably: read the card's event, write and fsync, send the command. No lane, no journal, no
 * Firmata client. What the gateway's tap is measured beside.
 */
const [tty = '', folder = ''] = process.argv.slice(2);

const START_SYSEX = 0xf0;
const END_SYSEX = 0xf7;
const PING_MS = 500;
const TIME_TO_LIVE_MS = 3_000;
const CARD = 2;

const record = Buffer.alloc(4_096, 1);
const descriptor = openSync(join(folder, 'bare-host'), 'w');
const line = openSerial(tty);
let board: messages.Status | null = null;
let sequence = 0;
let frame: number[] = [];

function send(message: readonly number[]): void {
  line.write(Buffer.from([START_SYSEX, ...message, END_SYSEX]), () => undefined);
}

function take(message: messages.BoardMessage | null): void {
  if (message?.type === 'status') board = message.status;
  if (message?.type !== 'event') return;
  if (message.event.type === CARD && message.event.sequence > sequence && board !== null) {
    writeSync(descriptor, record);
    fsyncSync(descriptor);
    sequence = message.event.sequence;
    const { boot, uptime: stamp } = board;
    send(messages.command({ boot, sequence, operation: 'raise', stamp, ttl: TIME_TO_LIVE_MS, hold_open: 0 }));
  }
  send(messages.eventAck(message.event.stream, message.event.sequence));
}

line.on('data', (chunk: Buffer) => {
  for (const byte of chunk) {
    if (byte === START_SYSEX) frame = [];
    else if (byte !== END_SYSEX) frame.push(byte);
    else take(messages.read(frame[0] ?? 0, frame.slice(1)));
  }
});
line.on('open', () => {
  send(
    messages.settings({
      closing_delay: 200,
      max_open: 120_000,
      motion_timeout: 8_000,
      unused_open: 20_000,
      self_close: true,
    }),
  );
  setInterval(() => send(messages.ping(1)), PING_MS);
});
process.on('disconnect', () => {
  closeSync(descriptor);
  line.close(() => process.exit(0));
});
