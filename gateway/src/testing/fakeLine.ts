import { EventEmitter } from 'node:events';

/** A serial line in memory: a test reads what was written to it and says what the other end says. */
export class FakeLine extends EventEmitter {
  isOpen = false;
  /** Everything written, in order. */
  readonly written: number[] = [];

  open(): void {
    this.isOpen = true;
    this.emit('open');
  }

  say(bytes: Iterable<number>): void {
    this.emit('data', Buffer.from([...bytes]));
  }

  write(bytes: Buffer, done: (error?: Error | null) => void): void {
    this.written.push(...bytes);
    done();
  }

  close(done: (error?: Error | null) => void): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.emit('close');
    done();
  }

  /** The cable is pulled. */
  pull(): void {
    this.isOpen = false;
    this.emit('close', Object.assign(new Error('disconnected'), { disconnected: true }));
  }
}
