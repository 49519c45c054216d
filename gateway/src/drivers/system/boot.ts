import { existsSync, readFileSync } from 'node:fs';
import { systemRandom } from './random.js';
import { sha256 } from './sha256.js';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/**
 * 16 hexadecimal digits that name the machine's boot, within which monotonic times compare, also across restarts of the gateway. Where the system
 * has no such name each process is taken for a boot of its own.
 */
export function bootId(): string {
  return existsSync(BOOT_ID) ? sha256(readFileSync(BOOT_ID, 'utf8').trim()).slice(0, 16) : systemRandom.hex(8);
}

/** systemd-timesyncd and chrony-wait leave this file while the clock is kept by network time. */
export function clockSynchronised(): boolean {
  return existsSync('/run/systemd/timesync/synchronized');
}
