import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { startSite } from './compose.js';
import { SiteConfig } from './config.js';

/** Exit codes: 2 for a configuration that cannot be used, 1 when a port, the tty or the program is not to be had. */
const BAD_CONFIGURATION = 2;
const CANNOT_START = 1;

const config = readConfig(process.argv[2]);
const site = await startSite(config).catch((error: unknown) => fail(CANNOT_START, textOf(error)));
process.stdout.write(
  `${JSON.stringify({
    message: 'site ready',
    gateway: config.gateway,
    control_port: site.controlPort,
    camera_port: site.cameraPort,
    terminal_ports: site.terminalPorts,
  })}\n`,
);

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    site.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(CANNOT_START, textOf(error)),
    );
  });
}

function readConfig(path: string | undefined): SiteConfig {
  if (path === undefined) fail(BAD_CONFIGURATION, 'usage: node main.js <configuration.json>');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    fail(BAD_CONFIGURATION, `${path}: ${textOf(error)}`);
  }
  const parsed = SiteConfig.safeParse(value);
  if (parsed.success) return parsed.data;
  return fail(BAD_CONFIGURATION, `${path} is not a site configuration:\n${z.prettifyError(parsed.error)}`);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function fail(code: number, message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
