import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CPU, usart0Config } from 'avr8js';
import { Usart } from './usart.js';

const { UCSRA, UCSRB, UBRRL, UDR } = usart0Config;
const ENABLED = 0x98; // RXCIE, RXEN, TXEN
const UDRIE = 0x20;
const RXC = 0x80;

function scene() {
  const cpu = new CPU(new Uint16Array(16), 2048);
  const sent: number[] = [];
  const usart = new Usart(cpu, 16_000_000, (byte) => sent.push(byte));
  cpu.writeData(UCSRA, 0x02); // U2X
  cpu.writeData(UBRRL, 34); // 57,600 baud as the Arduino core programs it
  cpu.writeData(UCSRB, ENABLED);
  return { cpu, usart, sent };
}

test('a character at 57,600 baud takes its ten bits', () => {
  const { usart } = scene();
  assert.ok(Math.abs(usart.cyclesPerCharacter - 2_800) < 2, `${usart.cyclesPerCharacter} cycles`);
});

test('switching the transmit interrupt does not lose a byte that is still unread', () => {
  const { cpu, usart } = scene();
  assert.equal(usart.receive(0x41), true);
  cpu.writeData(UCSRB, ENABLED | UDRIE);
  cpu.writeData(UCSRB, ENABLED);
  assert.equal((cpu.readData(UCSRA) ?? 0) & RXC, RXC);
  assert.equal(cpu.nextInterrupt, usart0Config.rxCompleteInterrupt);
  assert.equal(cpu.readData(UDR), 0x41);
});

test('writing UCSRA as the Arduino core does keeps the received flag', () => {
  const { cpu, usart } = scene();
  usart.receive(0x41);
  cpu.writeData(UCSRA, 0x42); // clear TXC, keep U2X
  assert.equal(cpu.readData(UCSRA) & RXC, RXC);
});

test('two unread bytes wait in order, a third is lost and counted', () => {
  const { cpu, usart } = scene();
  assert.deepEqual([usart.receive(1), usart.receive(2), usart.receive(3)], [true, true, false]);
  assert.equal(usart.overruns, 1);
  assert.equal(cpu.readData(UDR), 1);
  assert.equal(cpu.readData(UCSRA) & RXC, RXC);
  assert.equal(cpu.readData(UDR), 2);
  assert.equal(cpu.readData(UCSRA) & RXC, 0);
});

test('a receiver that is off hears nothing, and switching it off forgets what was unread', () => {
  const { cpu, usart } = scene();
  usart.receive(1);
  cpu.writeData(UCSRB, 0);
  assert.equal(usart.receive(2), false);
  cpu.writeData(UCSRB, ENABLED);
  usart.receive(3);
  assert.equal(cpu.readData(UDR), 3);
});
