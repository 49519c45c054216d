import type { Clock } from '@palang/contract/clock';
import { CodedError, codeOf } from '@palang/contract/errors';
import type { KeyFiles } from './files.js';
import { type Identity, parsePublic, verifier } from './identity.js';

export interface PairingDependencies {
  readonly gateway: string;
  readonly identity: Identity;
  readonly files: KeyFiles;
  readonly clock: Clock;
  /** Holds the hub's public key once paired. */
  readonly hubKeyPath: string;
  /** `{"code": "..."}`: a one-time code that someone dropped for us; removed when it has been used. */
  readonly codePath: string;
  /** A code from the environment, used while there is no hub key. */
  readonly code: string | null;
  /** @throws CodedError `pairing_refused` or `hub_unreachable`. */
  pair(code: string, gateway: string, publicKey: string): Promise<string>;
  log(level: 'info' | 'warn', message: string, detail?: Record<string, unknown>): void;
}

const LOOK_AGAIN = 1_000;

/** Knows the hub by its key, which it gets once, in exchange for a pairing code. */
export class Pairing {
  readonly #deps: PairingDependencies;
  #verify: ((text: string, signature: string) => boolean) | null = null;
  #asked = false;

  constructor(dependencies: PairingDependencies) {
    this.#deps = dependencies;
  }

  /** Whether the hub signed this text; false while not paired. */
  verify(text: string, signature: string): boolean {
    return this.#verify?.(text, signature) ?? false;
  }

  /**
   * Resolves when this gateway is paired, pairing it when there is a code and waiting for one when there is none. A code that is dropped later (a hub made
   * anew) is used at the next call; a file that holds none is told, and keeps nobody who is paired from the hub.
   * @throws CodedError `hub_unreachable`, `pairing_refused`, `bad_hub_key`.
   */
  async ready(): Promise<void> {
    for (;;) {
      const code = this.#droppedCode() ?? (this.#known() ? null : this.#deps.code);
      if (code !== null) await this.#pair(code);
      if (this.#known()) return;
      if (!this.#asked)
        this.#deps.log('warn', 'Not paired with a hub: waiting for a pairing code', { at: this.#deps.codePath });
      this.#asked = true;
      await new Promise<void>((done) => this.#deps.clock.after(LOOK_AGAIN, done));
    }
  }

  #known(): boolean {
    if (this.#verify !== null) return true;
    const stored = this.#deps.files.read(this.#deps.hubKeyPath);
    if (stored === null) return false;
    this.#verify = verifier(stored.trim());
    return true;
  }

  async #pair(code: string): Promise<void> {
    const { gateway, identity, files, hubKeyPath, codePath } = this.#deps;
    try {
      const hubKey = await this.#deps.pair(code, gateway, identity.publicKey);
      parsePublic(hubKey);
      files.write(hubKeyPath, `${hubKey}\n`);
      this.#verify = null;
      files.remove(codePath);
      this.#deps.log('info', 'Paired with the hub');
    } catch (error) {
      // A code works once; one that is refused would be refused for ever.
      if (codeOf(error) === 'pairing_refused') files.remove(codePath);
      throw error;
    }
  }

  #droppedCode(): string | null {
    const text = this.#deps.files.read(this.#deps.codePath);
    if (text === null) return null;
    try {
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed === 'object' && parsed !== null && 'code' in parsed && typeof parsed.code === 'string') {
        return parsed.code;
      }
    } catch {
      // Half written, or not JSON: told below, and looked at again.
    }
    const at = this.#deps.codePath;
    if (!this.#known()) throw new CodedError('bad_pairing_file', 'Expected {"code": "..."}', { path: at });
    this.#deps.log('warn', 'Not a pairing file: expected {"code": "..."}', { at });
    return null;
  }
}
