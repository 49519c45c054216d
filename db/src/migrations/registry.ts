import { ledger } from './001-ledger.js';
import { access } from './002-access.js';
import type { Migration } from './migration.js';

/** All steps in order. A new step is a file beside this one and a line here. */
export const migrations: readonly Migration[] = [ledger, access];
