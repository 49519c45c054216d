import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import type { Digest } from '@palang/contract/ids';
import { GENESIS, link } from '@palang/contract/link/chain';
import { type Command, Command as CommandSchema } from '@palang/contract/link/commands';
import { type Down, helloText, type Mark, parseMessage, Up } from '@palang/contract/link/envelope';
import { sha256 } from '../drivers/system/sha256.js';
import { parsePublic } from '../keys/identity.js';

export const HUB_EPOCH = 'feedfacefeedface';

/** The hub's end of one connection. */
export interface Wire {
  send(text: string): void;
  close(): void;
}

/**
 * A hub that stores what it is sent, by the rules of the link, and misbehaves only where a test pushes a named behaviour in front. It fails on a batch
 * that does not chain, and on a message that is none.
 */
export class FakeHub {
  readonly #keys = generateKeyPairSync('ed25519');
  readonly publicKey = this.#keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  /** What is stored, record seq at index seq - 1. */
  records: string[] = [];
  hashes: Digest[] = [];
  readonly subjects = new Map<string, string>();
  readonly heard: Up[] = [];
  readonly frames: Uint8Array[] = [];
  epoch: string | null = null;
  connections = 0;
  batches = 0;
  refused = 0;
  /** Behaviours. */
  mute = false;
  dropReplies = 0;
  dropRequests = 0;
  answersClocks = true;
  /** Refusals of batches that do not chain before one is set aside and taken; null: such a batch fails the test. */
  patience: number | null = null;
  setAside = 0;
  /** The gateway's public key, to check its hello with. */
  gatewayKey: string | null = null;
  #wire: Wire | null = null;
  #counter = 0;
  #nonce = '';

  /** A gateway has connected. @returns what to do with its messages. */
  connect(wire: Wire): (message: string | Uint8Array) => void {
    this.connections += 1;
    this.#wire = wire;
    this.#nonce = randomBytes(16).toString('hex');
    if (!this.mute) this.send({ type: 'challenge', nonce: this.#nonce, hub_epoch: HUB_EPOCH as never });
    return (message) => {
      if (this.mute || this.#wire !== wire) return;
      if (typeof message === 'string') this.#take(parseMessage(Up, message));
      else this.frames.push(message);
    };
  }

  send(message: Down): void {
    this.#wire?.send(JSON.stringify(message));
  }

  sendText(text: string): void {
    this.#wire?.send(text);
  }

  drop(): void {
    const wire = this.#wire;
    this.#wire = null;
    wire?.close();
  }

  /** Goes back to what it had after `seq` records, as a database restored from a backup does. */
  restore(seq: number): void {
    this.records = this.records.slice(0, seq);
    this.hashes = this.hashes.slice(0, seq);
  }

  get mark(): Mark | null {
    if (this.epoch === null) return null;
    return { epoch: this.epoch, seq: this.records.length, hash: this.hashes.at(-1) ?? GENESIS } as Mark;
  }

  of<T extends Up['type']>(type: T): Extract<Up, { type: T }>[] {
    return this.heard.filter((message): message is Extract<Up, { type: T }> => message.type === type);
  }

  /** Signs a command that quotes the gateway's newest stamp unless told otherwise. */
  command(lane: string, overrides: Partial<Command> = {}): Command {
    const clock = this.of('clock').at(-1) ?? assert.fail('no stamp heard');
    const command = CommandSchema.parse({
      id: randomBytes(16).toString('hex'),
      gateway: 'gw-test',
      hub_epoch: HUB_EPOCH,
      counter: ++this.#counter,
      boot: clock.boot,
      stamp: clock.mono,
      lane,
      order: { op: 'gate', action: 'open', duration: 0 },
      actor: 'user:1',
      reason: 'a test',
      ...overrides,
    });
    this.sendCommand(JSON.stringify(command));
    return command;
  }

  sendCommand(text: string, signature = this.sign(text)): void {
    this.send({ type: 'command', text, signature });
  }

  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#keys.privateKey).toString('base64');
  }

  #take(message: Up): void {
    this.heard.push(message);
    if (message.type === 'hello') this.#welcome(message);
    if (message.type === 'batch') this.#store(message);
    if (message.type === 'clock' && this.answersClocks) {
      this.send({ type: 'clock', mono: message.mono, hub_wall: 1_795_392_000_000 });
    }
  }

  #welcome(hello: Extract<Up, { type: 'hello' }>): void {
    if (this.gatewayKey !== null) {
      const text = Buffer.from(helloText(hello.gateway, this.#nonce));
      assert.ok(verify(null, text, parsePublic(this.gatewayKey), Buffer.from(hello.signature, 'base64')));
    }
    if (this.epoch !== hello.epoch) {
      this.records = [];
      this.hashes = [];
    }
    this.epoch = hello.epoch;
    this.send({ type: 'welcome', mark: this.mark, upload_token: `token-${this.connections}` });
  }

  #chains(batch: Extract<Up, { type: 'batch' }>): boolean {
    const previous = this.hashes.at(-1) ?? GENESIS;
    return batch.records.reduce<Digest>((hash, record) => link(sha256, hash, record), previous) === batch.hash;
  }

  #store(batch: Extract<Up, { type: 'batch' }>): void {
    this.batches += 1;
    if (this.dropRequests > 0) {
      this.dropRequests -= 1;
      this.drop();
      return;
    }
    if (this.patience !== null && !this.#chains(batch)) {
      this.patience -= 1;
      if (this.patience > 0) {
        this.send({ type: 'error', code: 'chain_mismatch', detail: '' });
      } else {
        this.patience = null;
        this.setAside += batch.records.length;
        this.records.push(...batch.records);
        this.hashes.push(...batch.records.map(() => batch.hash));
      }
    } else if (batch.from === this.records.length + 1 && batch.epoch === this.epoch) {
      for (const record of batch.records) {
        this.hashes.push(link(sha256, this.hashes.at(-1) ?? GENESIS, record));
        this.records.push(record);
      }
      assert.equal(this.hashes.at(-1), batch.hash, 'the batch chains');
      for (const { ref, value } of batch.subjects) this.subjects.set(ref, value);
    } else this.refused += 1;
    if (this.dropReplies > 0) {
      this.dropReplies -= 1;
      this.drop();
      return;
    }
    this.send({ type: 'mark', mark: this.mark, settled: 0 });
  }
}
