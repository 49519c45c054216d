import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { VirtualClock } from '../../fakes/virtualClock.js';
import { MemoryLedger } from './ledger.js';
import { TerminalServer } from './server.js';
import { Terminal } from './terminal.js';

async function listening(t: TestContext) {
  const terminal = new Terminal(new VirtualClock(), new MemoryLedger());
  const server = new TerminalServer(terminal);
  const port = await server.listen(0);
  t.after(() => server.close());
  return { terminal, server, port };
}

function linesOf(socket: Socket): AsyncIterator<string> {
  return createInterface({ input: socket })[Symbol.asyncIterator]();
}

async function next(lines: AsyncIterator<string>): Promise<unknown> {
  const { value } = await lines.next();
  return JSON.parse(value as string);
}

test('requests may be split anywhere and joined', async (t) => {
  const { port } = await listening(t);
  const socket = connect(port, '127.0.0.1');
  const lines = linesOf(socket);
  const text = '{"id":"1","op":"status"}\r\n{"id":"2","op":"resolve","key":"k"}\n\n{"id":"3","op":"status"}\n';
  for (const piece of [text.slice(0, 5), text.slice(5, 30), text.slice(30, 61), text.slice(61)]) {
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(await next(lines), { id: '1', status: 'ready' });
  assert.deepEqual(await next(lines), { id: '2', status: 'none', key: 'k' });
  assert.deepEqual(await next(lines), { id: '3', status: 'ready' });
  socket.destroy();
});

test('every malformed line gets its error and the connection goes on', async (t) => {
  const { port, server } = await listening(t);
  const socket = connect(port, '127.0.0.1');
  const lines = linesOf(socket);
  const malformed = [
    { line: 'garbage', id: undefined },
    { line: '[]', id: undefined },
    { line: '{"id":"7","op":"steal"}', id: '7' },
    { line: '{"id":"8","op":"charge","key":"k","amount":-1,"currency":"IDR"}', id: '8' },
    { line: '{"id":"9","op":"charge","key":"k","amount":1.5,"currency":"IDR"}', id: '9' },
    { line: '{"id":"10","op":"status","extra":1}', id: '10' },
    { line: 'x'.repeat(10_000), id: undefined },
    { line: '\u0000\u00ff', id: undefined },
  ];
  for (const { line, id } of malformed) {
    socket.write(`${line}\n`);
    assert.deepEqual(await next(lines), { ...(id === undefined ? {} : { id }), status: 'error', reason: 'malformed' });
  }
  socket.write('{"id":"11","op":"status"}\n');
  assert.deepEqual(await next(lines), { id: '11', status: 'ready' });
  assert.equal(server.malformedLines, malformed.length);
  socket.destroy();
});

test('a charge survives its connection', async (t) => {
  const { port, terminal } = await listening(t);
  const first = connect(port, '127.0.0.1');
  first.write('{"id":"1","op":"charge","key":"k","amount":5000,"currency":"IDR"}\n');
  assert.deepEqual(await next(linesOf(first)), { id: '1', status: 'waiting', key: 'k' });
  first.destroy();
  await once(first, 'close');
  terminal.answer('k', 'approve', 'card');
  const second = connect(port, '127.0.0.1');
  second.write('{"id":"2","op":"charge","key":"k","amount":5000,"currency":"IDR"}\n');
  assert.equal(((await next(linesOf(second))) as { status: string }).status, 'approved');
  assert.equal(terminal.charges.length, 1);
  second.destroy();
});

test('a terminal that is off drops its hosts and takes no new ones until it is on', async (t) => {
  const { port, server } = await listening(t);
  const socket = connect(port, '127.0.0.1');
  socket.write('{"id":"1","op":"status"}\n');
  await next(linesOf(socket));
  const closed = once(socket, 'close');
  server.setOff(true);
  await closed;
  const refused = connect(port, '127.0.0.1');
  refused.on('error', () => refused.destroy());
  await once(refused, 'close');
  server.setOff(false);
  const again = connect(port, '127.0.0.1');
  again.write('{"id":"2","op":"status"}\n');
  assert.deepEqual(await next(linesOf(again)), { id: '2', status: 'ready' });
  again.destroy();
});
