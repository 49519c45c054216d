/** Names a device's message across reconnects and restarts, for devices that send again until acknowledged. */
export interface DeviceMessageId {
  readonly stream: number;
  readonly sequence: number;
}

/**
 * Comes with an input whose device keeps it until it is acknowledged. The runtime calls `acknowledge` once everything that
 * follows from the input is durable, and before only while `journal_slow` is raised: a device that waits for a sick disk would
 * fall silent. Until then it may tell the input again, with the same id.
 */
export interface Receipt {
  readonly id: DeviceMessageId;
  acknowledge(): void;
}

/** Health of a device. Faults are raised once and cleared once; raising an active fault again changes nothing. */
export interface Health<Fault extends string> {
  raise(fault: Fault, detail: string): void;
  clear(fault: Fault): void;
}
