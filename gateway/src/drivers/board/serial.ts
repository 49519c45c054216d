/** Serial-number arithmetic modulo 2^16 (RFC 1982): how far `a` is ahead of `b`, -32,768 to 32,767. */
export function ahead(a: number, b: number): number {
  return (((a - b) & 0xffff) << 16) >> 16;
}

/** `by` further on, modulo 2^16. */
export function further(from: number, by: number): number {
  return (from + by) & 0xffff;
}
