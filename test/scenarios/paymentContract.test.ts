import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { paymentContract, type TerminalBench } from '@palang/gateway/drivers/payment/contract';
import { createTerminalPayment } from '@palang/gateway/drivers/payment/terminal';
import { systemClock } from '@palang/gateway/drivers/system/clock';
import { MemoryLedger } from '../site/terminal/ledger.js';
import { TerminalServer } from '../site/terminal/server.js';
import { Terminal } from '../site/terminal/terminal.js';

const ADDRESS = process.env.PALANG_HIL_TERMINAL;

paymentContract('simulated terminal', simulated);
paymentContract(
  'real terminal (PALANG_HIL_TERMINAL)',
  ADDRESS === undefined ? 'PALANG_HIL_TERMINAL names no host:port' : real(ADDRESS),
);

async function simulated(t: TestContext): Promise<TerminalBench> {
  const terminal = new Terminal(systemClock, new MemoryLedger());
  const server = new TerminalServer(terminal);
  const port = await server.listen(0);
  t.after(() => server.close());
  return {
    makePayment: () => createTerminalPayment({ host: '127.0.0.1', port, clock: systemClock }),
    freshKey: () => randomUUID(),
    world: {
      async asked(key) {
        while (terminal.asked()?.key !== key) await new Promise((resolve) => setImmediate(resolve));
      },
      answer: (key, outcome) => terminal.answer(key, outcome, 'emoney'),
      dropAfterApproval: () => terminal.setFault('drop_after_approval', true),
      off: (off) => server.setOff(off),
      taken: () => terminal.charges.filter(({ outcome }) => outcome?.status === 'approved').length,
    },
  };
}

function real(address: string): () => Promise<TerminalBench> {
  const { hostname: host, port } = new URL(`tcp://${address}`);
  return () =>
    Promise.resolve({
      makePayment: () => createTerminalPayment({ host, port: Number(port), clock: systemClock }),
      freshKey: () => randomUUID(),
    });
}
