import type { CredentialValue } from '@palang/contract/credential';
import type { Receipt } from './receipt.js';

/**
 * Reads credentials. Each presentation is told once (devices that repeat while a card is held are thinned by the driver);
 * a frame that fails its checks is told as an error and counted, never as a credential.
 */
export interface Reader {
  start(listener: {
    credential(value: CredentialValue, receipt: Receipt | null): void;
    unreadable(reason: 'length' | 'parity' | 'checksum', receipt: Receipt | null): void;
    /** The ticket (or help) button beside the reader was pressed. */
    button(receipt: Receipt | null): void;
  }): void;
}
