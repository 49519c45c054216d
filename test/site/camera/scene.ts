import { formatPlate, normalisePlate } from '@palang/contract/plate';
import type { VehicleType } from '../world/vehicle.js';
import { LAYOUT } from '../world/wiring.js';
import { Canvas, type Colour } from './canvas.js';

/** What the camera sees; plain data, so that another thread can draw it. */
export interface Scene {
  readonly lane: string;
  /** Drawn as it is. */
  readonly time: string;
  readonly arm: { readonly angle: number; readonly broken: boolean };
  readonly loops: { readonly arming: boolean; readonly closing: boolean };
  readonly lamp: boolean;
  readonly vehicles: readonly {
    readonly type: VehicleType;
    readonly plate: string;
    readonly front: number;
    readonly length: number;
  }[];
}

export const WIDTH = 640;
export const HEIGHT = 480;
const ROAD = 380;
const PIXELS_PER_METRE = 58;
/** Lane position, in metres, at the left edge of the picture. */
const LEFT_EDGE = -3;
const PLATE_SCALE = 5;

const SKY: Colour = [196, 214, 226];
const ASPHALT: Colour = [74, 78, 84];
const LOOP_CLEAR: Colour = [120, 124, 130];
const LOOP_OCCUPIED: Colour = [255, 196, 0];
const RED: Colour = [206, 32, 41];
const WHITE: Colour = [250, 250, 250];
const BLACK: Colour = [18, 18, 20];
const GLASS: Colour = [150, 190, 214];
const POST: Colour = [240, 160, 20];
const LAMP_ON: Colour = [64, 224, 96];
const LAMP_OFF: Colour = [60, 66, 60];
const BODY: Readonly<Record<VehicleType, Colour>> = {
  car: [38, 92, 168],
  motorcycle: [150, 40, 120],
  truck: [176, 112, 36],
  bus: [46, 130, 92],
};
/** Height of the body in metres. */
const TALL: Readonly<Record<VehicleType, number>> = { car: 1.4, motorcycle: 1.0, truck: 2.8, bus: 2.9 };

/** Draws the lane from its side: 640 x 480, driving direction to the right. The plate is shown large under its vehicle. */
export function drawScene(scene: Scene): Canvas {
  const canvas = new Canvas(WIDTH, HEIGHT);
  canvas.rectangle(0, 0, WIDTH, ROAD, SKY);
  canvas.rectangle(0, ROAD, WIDTH, HEIGHT - ROAD, ASPHALT);
  drawLoop(canvas, LAYOUT.armingLoop, scene.loops.arming);
  drawLoop(canvas, LAYOUT.closingLoop, scene.loops.closing);
  for (const vehicle of scene.vehicles) drawVehicle(canvas, vehicle);
  drawBarrier(canvas, scene);
  // Those in front last, so that a queue does not cover the plate at the stop line.
  for (const vehicle of scene.vehicles.toReversed()) drawPlate(canvas, vehicle);
  canvas.rectangle(0, 0, WIDTH, 34, BLACK);
  canvas.text(10, 10, scene.lane, 2, WHITE);
  canvas.text(WIDTH - 10 - Canvas.textWidth(scene.time, 2), 10, scene.time, 2, WHITE);
  return canvas;
}

function column(metres: number): number {
  return (metres - LEFT_EDGE) * PIXELS_PER_METRE;
}

function drawLoop(canvas: Canvas, { from, to }: { from: number; to: number }, occupied: boolean): void {
  canvas.rectangle(column(from), ROAD + 6, (to - from) * PIXELS_PER_METRE, 10, occupied ? LOOP_OCCUPIED : LOOP_CLEAR);
}

function drawBarrier(canvas: Canvas, { arm, lamp }: Scene): void {
  const x = column(LAYOUT.arm);
  const pivot = ROAD - 62;
  canvas.rectangle(x - 12, pivot - 10, 24, ROAD - pivot + 10, POST);
  canvas.circle(x, ROAD - 22, 8, lamp ? LAMP_ON : LAMP_OFF);
  const length = arm.broken ? 30 : 200;
  const radians = (arm.angle * Math.PI) / 180;
  // Away from the waiting vehicle, over the closing loop: seen from the side it must not look as if it lay on the bonnet.
  const tip = [x + Math.cos(radians) * length, pivot - Math.sin(radians) * length] as const;
  canvas.stripedBar([x, pivot], tip, 9, 22, [RED, WHITE]);
}

function drawVehicle(canvas: Canvas, { type, front, length }: Scene['vehicles'][number]): void {
  const left = column(front - length);
  const width = length * PIXELS_PER_METRE;
  const height = TALL[type] * PIXELS_PER_METRE;
  const wheel = type === 'motorcycle' ? 17 : 20;
  const top = ROAD - height - wheel / 2;
  if (type === 'motorcycle') drawMotorcycle(canvas, left, width, top);
  else if (type === 'car') drawCar(canvas, left, width, top, height);
  else drawBox(canvas, left, width, top, height, type);
  for (const x of [left + width * 0.18, left + width * 0.82]) {
    canvas.circle(x, ROAD - wheel, wheel, BLACK);
    canvas.circle(x, ROAD - wheel, wheel / 2, LOOP_CLEAR);
  }
}

function drawMotorcycle(canvas: Canvas, left: number, width: number, top: number): void {
  canvas.rectangle(left + width * 0.15, top + 18, width * 0.7, 16, BODY.motorcycle);
  canvas.rectangle(left + width * 0.7, top - 8, 8, 34, BLACK);
  canvas.rectangle(left + width * 0.38, top - 34, 22, 52, BODY.motorcycle);
  canvas.circle(left + width * 0.48, top - 46, 14, BLACK);
}

function drawCar(canvas: Canvas, left: number, width: number, top: number, height: number): void {
  canvas.rectangle(left, top + height * 0.45, width, height * 0.4, BODY.car);
  canvas.rectangle(left + width * 0.2, top, width * 0.52, height * 0.5, BODY.car);
  canvas.rectangle(left + width * 0.25, top + 7, width * 0.2, height * 0.34, GLASS);
  canvas.rectangle(left + width * 0.48, top + 7, width * 0.2, height * 0.34, GLASS);
  canvas.rectangle(left + width - 8, top + height * 0.52, 8, 12, LOOP_OCCUPIED);
}

function drawBox(
  canvas: Canvas,
  left: number,
  width: number,
  top: number,
  height: number,
  type: 'truck' | 'bus',
): void {
  canvas.rectangle(left, top, width, height * 0.9, BODY[type]);
  if (type === 'truck') canvas.rectangle(left + width * 0.76, top, width * 0.03, height * 0.9, SKY);
  const panes = type === 'bus' ? [0.05, 0.25, 0.45, 0.65, 0.85] : [0.85];
  for (const pane of panes)
    canvas.rectangle(left + width * pane, top + height * 0.15, width * 0.12, height * 0.28, GLASS);
}

/** Black on white as issued since 2022, always wholly inside the picture. */
function drawPlate(canvas: Canvas, { plate, front, length }: Scene['vehicles'][number]): void {
  const text = formatPlate(normalisePlate(plate) ?? '?');
  const width = Canvas.textWidth(text, PLATE_SCALE) + 20;
  const middle = column(front - length / 2);
  const left = Math.min(WIDTH - width - 4, Math.max(4, middle - width / 2));
  canvas.rectangle(left, ROAD + 32, width, 58, BLACK);
  canvas.rectangle(left + 3, ROAD + 35, width - 6, 52, WHITE);
  canvas.text(left + 10, ROAD + 44, text, PLATE_SCALE, BLACK);
}
