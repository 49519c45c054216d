// What the demonstration site looks like: two gateways with one lane each, and the world around each of them.
import { join } from 'node:path';

/** Configuration of the site process of one gate (test/site/config.ts). */
export function siteConfig({ gate, direction, data, ports, root }) {
  return {
    gateway: gatewayName(gate),
    data_dir: join(data, 'site', gate),
    hex: join(root, 'arduino', 'palang-lane.hex'),
    control_port: ports[`${gate}_control`],
    camera_port: ports[`${gate}_camera`],
    lanes: [
      {
        lane: gate,
        direction,
        tty: ttyPath(data, gate),
        ...(direction === 'out' ? { terminal_port: ports[`${gate}_terminal`] } : {}),
      },
    ],
  };
}

function gatewayName(gate) {
  return gate.replace('gate_', 'gw-');
}

function ttyPath(data, gate) {
  return join(data, 'site', gate, 'board.tty');
}
