import type { TestContext } from 'node:test';
import { type CameraBench, cameraContract } from '@palang/gateway/drivers/camera/contract';
import { createHttpCamera } from '@palang/gateway/drivers/camera/httpCamera';
import { systemClock as clock } from '@palang/gateway/drivers/system/clock';
import jpeg from 'jpeg-js';
import { CameraServer } from '../site/camera/server.js';

const ADDRESS = process.env.PALANG_HIL_CAMERA;

cameraContract('simulated camera', simulated);
cameraContract(
  'real camera (PALANG_HIL_CAMERA)',
  ADDRESS === undefined ? 'PALANG_HIL_CAMERA names no address' : real(ADDRESS),
);

/** The site's camera with a small picture: what is drawn does not matter here. */
async function simulated(t: TestContext): Promise<CameraBench> {
  const pixels = { width: 32, height: 32, data: Buffer.alloc(32 * 32 * 4, 0x80) };
  const picture = jpeg.encode(pixels, 80).data;
  const scene = () => ({
    lane: 'gate_in',
    time: '',
    arm: { angle: 0, broken: false },
    loops: { arming: false, closing: false },
    lamp: false,
    vehicles: [],
  });
  const server = new CameraServer(new Map([['gate_in', { scene }]]), () => Promise.resolve(Buffer.from(picture)));
  const port = await server.listen(0);
  t.after(() => server.close());
  const url = `http://127.0.0.1:${port}/lanes/gate_in`;
  return {
    clock,
    makeCamera: (timeout) => createHttpCamera({ url, clock, timeout }),
    fault: (fault, active) => server.setFault('gate_in', fault, active),
  };
}

function real(url: string): () => Promise<CameraBench> {
  return () => Promise.resolve({ clock, makeCamera: (timeout) => createHttpCamera({ url, clock, timeout }) });
}
