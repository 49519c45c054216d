import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Clock } from '@palang/contract/clock';
import type { Camera, Frame } from '../../ports/camera.js';
import { isJpeg } from './jpegScanner.js';

/** A camera under test. */
export interface CameraBench {
  readonly clock: Clock;
  /** A client of the camera that was not started yet. `timeout` of a capture in ms. */
  makeCamera(timeout: number): Camera;
  /** Absent where no program can do this. `stalled` accepts and says nothing, `truncated` sends half a picture. */
  readonly fault?: (fault: 'off' | 'stalled' | 'truncated', active: boolean) => void;
}

const PATIENT_MS = 5_000;
const IMPATIENT_MS = 300;
const LEAST_GAP_MS = 200;
/** What a timer may be early. */
const TOLERANCE_MS = 5;

/** The obligations of Camera, on any camera. `make` a text is the reason why there is none: the tests are then pending. */
export function cameraContract(name: string, make: string | ((t: TestContext) => Promise<CameraBench>)): void {
  const check = (title: string, scenario: (bench: CameraBench, t: TestContext) => Promise<void>) => {
    if (typeof make === 'string') test(`${name}: ${title}`, { skip: make }, () => undefined);
    else test(`${name}: ${title}`, async (t) => scenario(await make(t), t));
  };

  check('is found without being asked, and gives a whole picture taken after the question', async (bench, t) => {
    const { camera, health } = started(bench, t, PATIENT_MS);
    assert.equal(camera.status(), 'offline', 'nothing is known of it yet');
    await health.said(1);
    assert.deepEqual(health.words, ['online']);
    const asked = bench.clock.monotonic();
    const frame = await camera.capture();
    assert.ok(isJpeg(frame.jpeg));
    assert.ok(frame.at >= asked && frame.at <= bench.clock.monotonic());
    assert.equal(camera.status(), 'ok');
  });

  check('frames come to every watcher, five a second at most, and to nobody who has left', async (bench, t) => {
    const { camera } = started(bench, t, PATIENT_MS);
    const [first, second] = [watch(camera), watch(camera)];
    await Promise.all([first.seen(3), second.seen(3)]);
    for (const frame of first.frames) assert.ok(isJpeg(frame.jpeg));
    assert.ok(first.span() >= 2 * LEAST_GAP_MS - TOLERANCE_MS, `three frames within ${first.span()} ms`);
    first.leave();
    const left = first.frames.length;
    await second.seen(second.frames.length + 2);
    assert.equal(first.frames.length, left);
    second.leave();
  });

  for (const [fault, code, timeout] of [
    ['off', 'camera_offline', PATIENT_MS],
    ['truncated', 'camera_offline', PATIENT_MS],
    ['stalled', 'camera_timeout', IMPATIENT_MS],
  ] as const) {
    check(`when it is ${fault} a capture fails with ${code}, told once, and so is its return`, async (bench, t) => {
      if (bench.fault === undefined) return t.skip('needs somebody who breaks the camera');
      const { camera, health } = started(bench, t, timeout);
      await health.said(1);
      bench.fault(fault, true);
      await assert.rejects(camera.capture(), { code });
      await assert.rejects(camera.capture(), { code });
      assert.deepEqual(health.words, ['online', 'offline']);
      assert.equal(camera.status(), 'offline');
      bench.fault(fault, false);
      await camera.capture();
      assert.deepEqual(health.words, ['online', 'offline', 'online']);
    });
  }
}

function watch(camera: Camera) {
  const frames: Frame[] = [];
  const delivered: number[] = [];
  let wake: () => void = () => undefined;
  const leave = camera.watch((frame) => {
    frames.push(frame);
    delivered.push(performance.now());
    wake();
  });
  return {
    frames,
    leave,
    /** From the first to the third delivery, ms. */
    span: () => (delivered[2] ?? 0) - (delivered[0] ?? 0),
    async seen(count: number): Promise<void> {
      while (frames.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

function started(bench: CameraBench, t: TestContext, timeout: number) {
  const camera = bench.makeCamera(timeout);
  const words: string[] = [];
  let wake: () => void = () => undefined;
  const word = (said: string) => {
    words.push(said);
    wake();
  };
  camera.start({ online: () => word('online'), offline: () => word('offline') });
  t.after(() => camera.stop());
  const said = async (count: number) => {
    while (words.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { camera, health: { words, said } };
}
