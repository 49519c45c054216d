import { GLYPH_WIDTH, glyph } from './glyphs.js';

export type Colour = readonly [red: number, green: number, blue: number];

/** An RGBA picture with the few strokes that the scene needs. Everything is clipped to the picture. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.data = Buffer.alloc(width * height * 4, 0xff);
  }

  /** A filled rectangle with its upper left corner at (x, y). */
  rectangle(x: number, y: number, width: number, height: number, colour: Colour): void {
    const [left, right] = [Math.max(0, Math.round(x)), Math.min(this.width, Math.round(x + width))];
    const [top, bottom] = [Math.max(0, Math.round(y)), Math.min(this.height, Math.round(y + height))];
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) this.#dot(column, row, colour);
    }
  }

  circle(x: number, y: number, radius: number, colour: Colour): void {
    for (let dy = -radius; dy <= radius; dy++) {
      const half = Math.sqrt(radius * radius - dy * dy);
      this.rectangle(x - half, y + dy, half * 2, 1, colour);
    }
  }

  /** A bar from one point to another, striped every `stripe` pixels along its length. */
  stripedBar(
    from: readonly [number, number],
    to: readonly [number, number],
    thickness: number,
    stripe: number,
    colours: readonly [Colour, Colour],
  ): void {
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    for (let along = 0; along <= length; along++) {
      const x = from[0] + ((to[0] - from[0]) * along) / length;
      const y = from[1] + ((to[1] - from[1]) * along) / length;
      const colour = colours[Math.floor(along / stripe) % 2 === 0 ? 0 : 1];
      this.rectangle(x - thickness / 2, y - thickness / 2, thickness, thickness, colour);
    }
  }

  /** Text with its upper left corner at (x, y); each glyph pixel becomes `scale` x `scale`. */
  text(x: number, y: number, text: string, scale: number, colour: Colour): void {
    for (const [index, letter] of [...text].entries()) {
      const left = x + index * (GLYPH_WIDTH + 1) * scale;
      for (const [row, pixels] of glyph(letter).entries()) {
        for (const [column, pixel] of [...pixels].entries()) {
          if (pixel === '#') this.rectangle(left + column * scale, y + row * scale, scale, scale, colour);
        }
      }
    }
  }

  static textWidth(text: string, scale: number): number {
    return (text.length * (GLYPH_WIDTH + 1) - 1) * scale;
  }

  #dot(x: number, y: number, [red, green, blue]: Colour): void {
    const at = (y * this.width + x) * 4;
    this.data[at] = red;
    this.data[at + 1] = green;
    this.data[at + 2] = blue;
  }
}
