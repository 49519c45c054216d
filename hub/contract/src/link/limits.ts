/** A batch of journal records holds at most this many, and about this many bytes. */
export const MAX_BATCH_RECORDS = 64;
export const MAX_BATCH_BYTES = 65_536;
