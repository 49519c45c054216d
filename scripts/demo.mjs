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

/** A gateway's configuration (gateway/src/config.ts) as YAML; JSON is YAML. */
export function gatewayConfig({ gate, direction, data, ports, hubUrl }) {
  const name = gatewayName(gate);
  const folder = join(data, name);
  const config = {
    gateway: name,
    simulation: true,
    hub: { url: hubUrl },
    data_dir: folder,
    http: { port: ports[gate] },
    log: { dir: join(data, 'logs') },
    lanes: [
      {
        profile: {
          gate_id: gate,
          direction,
          vehicle_classes: ['car', 'motorcycle', 'truck', 'bus'],
          payments: direction === 'out' ? ['emoney', 'card', 'qris', 'cash'] : [],
        },
        board: { port: ttyPath(data, gate) },
        camera: { source: `http://127.0.0.1:${ports[`${gate}_camera`]}/lanes/${gate}` },
        terminal: direction === 'out' ? { host: '127.0.0.1', port: ports[`${gate}_terminal`] } : null,
      },
    ],
  };
  return { name, folder, yaml: JSON.stringify(config, null, 2) };
}
