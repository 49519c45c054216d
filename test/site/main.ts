import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { startSite } from './compose.js';
import { SiteConfig } from './config.js';

const [path] = process.argv.slice(2);
if (path === undefined) fail('usage: node main.js <configuration.json>');

const parsed = SiteConfig.safeParse(JSON.parse(readFileSync(path, 'utf8')));
if (!parsed.success) fail(`${path} is not a site configuration:\n${z.prettifyError(parsed.error)}`);

const site = await startSite(parsed.data);
say({
  message: 'site ready',
  gateway: parsed.data.gateway,
  control_port: site.controlPort,
  camera_port: site.cameraPort,
  terminal_ports: site.terminalPorts,
});

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    void site.stop().then(() => process.exit(0));
  });
}

function say(line: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
