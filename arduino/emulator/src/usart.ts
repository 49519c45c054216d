import { AVRUSART, type CPU, usart0Config } from 'avr8js';

const { UCSRA, UCSRB, UDR } = usart0Config;
const RXC = 0x80;
const TXC = 0x40;
const UDRE = 0x20;
const RXCIE = 0x80;
const RXEN = 0x10;
const BITS_PER_CHARACTER = 10;

const receiveComplete = {
  address: usart0Config.rxCompleteInterrupt,
  flagRegister: UCSRA,
  flagMask: RXC,
  enableRegister: UCSRB,
  enableMask: RXCIE,
  constant: true,
};

/**
 * USART0 with the two things avr8js leaves out, both of which lose bytes when traffic runs in both directions: writing UCSRB (as
 * Arduino's Serial does to switch its transmit interrupt) must not throw an unread byte away, and the receiver holds two bytes, not one.
 */
export class Usart {
  readonly #cpu: CPU;
  readonly #library: AVRUSART;
  #unread = false;
  #second: number | undefined;

  /** Bytes that came while two were still unread; the chip loses them too. */
  overruns = 0;

  constructor(cpu: CPU, clockHz: number, onTransmit: (byte: number) => void) {
    this.#cpu = cpu;
    this.#library = new AVRUSART(cpu, usart0Config, clockHz);
    this.#library.onByteTransmit = onTransmit;
    this.#keepStatusBits();
    this.#keepUnreadByte();
    this.#countReads();
  }

  get receiving(): boolean {
    return this.#library.rxEnable;
  }

  /** CPU cycles that one character (start, 8 data, stop) takes at the programmed rate. */
  get cyclesPerCharacter(): number {
    return (16_000_000 / Math.max(1, this.#library.baudRate)) * BITS_PER_CHARACTER;
  }

  /** A character has completely arrived. False when the receiver is off or both places are taken: then it is lost. */
  receive(byte: number): boolean {
    if (!this.receiving) return false;
    if (!this.#unread) this.#deliver(byte);
    else if (this.#second === undefined) this.#second = byte;
    else {
      this.overruns += 1;
      return false;
    }
    return true;
  }

  #deliver(byte: number): void {
    this.#unread = true;
    this.#library.writeByte(byte, true);
  }

  #countReads(): void {
    const read = this.#cpu.readHooks[UDR];
    if (read === undefined) throw new Error('avr8js has no UDR read hook');
    this.#cpu.readHooks[UDR] = (address) => {
      const byte = read(address);
      this.#unread = false;
      const next = this.#second;
      this.#second = undefined;
      if (next !== undefined) this.#deliver(next);
      return byte;
    };
  }

  #keepUnreadByte(): void {
    const write = this.#cpu.writeHooks[UCSRB];
    if (write === undefined) throw new Error('avr8js has no UCSRB write hook');
    this.#cpu.writeHooks[UCSRB] = (value, oldValue, address, mask) => {
      const handled = write(value, oldValue, address, mask);
      if ((value & RXEN) === 0) {
        this.#unread = false;
        this.#second = undefined;
      } else if (this.#unread) this.#cpu.setInterruptFlag(receiveComplete);
      return handled;
    };
  }

  /** RXC and UDRE are read-only on the chip, and TXC is cleared only by writing a one. */
  #keepStatusBits(): void {
    const write = this.#cpu.writeHooks[UCSRA];
    if (write === undefined) throw new Error('avr8js has no UCSRA write hook');
    this.#cpu.writeHooks[UCSRA] = (value, oldValue, address, mask) => {
      const kept = oldValue & (RXC | UDRE | (TXC & ~value));
      const handled = write(value, oldValue, address, mask);
      this.#cpu.data[UCSRA] = (this.#cpu.data[UCSRA] ?? 0) | kept;
      return handled;
    };
  }
}
