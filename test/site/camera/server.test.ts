import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Scene } from './scene.js';
import { type CameraFault, CameraServer } from './server.js';

const SCENE: Scene = {
  lane: 'gate_in',
  time: '',
  arm: { angle: 0, broken: false },
  loops: { arming: false, closing: false },
  lamp: false,
  vehicles: [],
};
/** Stands for a picture: the server does not look into it. */
const PICTURE = Buffer.from(Array.from({ length: 1_000 }, (_, i) => i & 0xff));

async function serving(t: TestContext, scene = () => SCENE) {
  const camera = new CameraServer(new Map([['gate_in', { scene }]]), () => Promise.resolve(PICTURE));
  const port = await camera.listen(0);
  t.after(() => camera.close());
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5_000) });
  return { camera, get };
}

test('a snapshot is one picture, drawn when it is asked for', async (t) => {
  const { camera, get } = await serving(t);
  assert.equal(camera.framesDrawn, 0);
  const response = await get('/lanes/gate_in/snapshot.jpg');
  assert.equal(response.headers.get('content-type'), 'image/jpeg');
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), PICTURE);
  assert.equal(camera.framesDrawn, 1);
});

test('what has not changed is not drawn again, what has changed is', async (t) => {
  let time = 'first';
  const { camera, get } = await serving(t, () => ({ ...SCENE, time }));
  for (let i = 0; i < 3; i++) await (await get('/lanes/gate_in/snapshot.jpg')).arrayBuffer();
  assert.equal(camera.framesDrawn, 1);
  time = 'second';
  await (await get('/lanes/gate_in/snapshot.jpg')).arrayBuffer();
  assert.equal(camera.framesDrawn, 2);
});

test('an unknown lane, a malformed name and another path are not found', async (t) => {
  const { get } = await serving(t);
  for (const path of ['/lanes/gate_x/snapshot.jpg', '/lanes/%zz/snapshot.jpg', '/', '/lanes/gate_in/']) {
    assert.equal((await get(path)).status, 404, path);
  }
});

test('a stream sends each frame with the next boundary right behind it, and stops drawing when nobody watches', async (t) => {
  let moment = 0;
  const { camera, get } = await serving(t, () => ({ ...SCENE, time: String(moment++) }));
  const response = await get('/lanes/gate_in/stream.mjpg');
  assert.match(response.headers.get('content-type') ?? '', /^multipart\/x-mixed-replace; boundary=/);
  const frame = Buffer.concat([
    Buffer.from(`--palang-frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${PICTURE.length}\r\n\r\n`),
    PICTURE,
    Buffer.from('\r\n--palang-frame\r\n'),
  ]);
  const reader = response.body?.getReader();
  assert.ok(reader);
  let received = Buffer.alloc(0);
  while (received.length < frame.length)
    received = Buffer.concat([received, (await reader.read()).value ?? Buffer.alloc(0)]);
  assert.deepEqual(received.subarray(0, frame.length), frame);
  await reader.cancel();

  const lull = async () => {
    const before = camera.framesDrawn;
    await new Promise((resolve) => setTimeout(resolve, 450));
    return camera.framesDrawn === before;
  };
  assert.ok((await lull()) || (await lull()), 'still drawing');
});

for (const [fault, expectation] of [
  ['off', { status: 503, bytes: undefined }],
  ['truncated', { status: 200, bytes: 'fails' }],
  ['stalled', { status: undefined, bytes: undefined }],
] satisfies [CameraFault, { status: number | undefined; bytes: 'fails' | undefined }][]) {
  test(`a camera that is ${fault} behaves so and recovers`, async (t) => {
    const { camera, get } = await serving(t);
    camera.setFault('gate_in', fault, true);
    const answer = get('/lanes/gate_in/snapshot.jpg');
    const patience = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 500));
    const response = await Promise.race([answer, patience]);
    assert.equal(response?.status, expectation.status);
    if (expectation.bytes === 'fails') await assert.rejects(async () => response?.arrayBuffer());
    camera.setFault('gate_in', fault, false);
    assert.equal((await get('/lanes/gate_in/snapshot.jpg')).status, 200);
    if (response === undefined) {
      await camera.close();
      await assert.rejects(answer);
    }
  });
}
