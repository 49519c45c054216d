import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RealTimePacer } from '@palang/emulator/realtime';
import { BoardTty } from '@palang/emulator/tty';
import { DrawingThread } from './camera/drawingThread.js';
import { CameraServer } from './camera/server.js';
import type { SiteConfig } from './config.js';
import { Control, type LaneWires } from './control.js';
import { EepromFile } from './eepromFile.js';
import { ControlServer } from './http.js';
import { Site } from './site.js';
import { FileLedger } from './terminal/ledger.js';
import { TerminalServer } from './terminal/server.js';

const EEPROM_SAVE_MS = 100;

export interface RunningSite {
  readonly controlPort: number;
  readonly cameraPort: number;
  /** By lane name, for the lanes that have a terminal. */
  readonly terminalPorts: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** Starts the physical world of one gateway in real time. Rejects when the program, a port or a tty is not to be had. */
export async function startSite(config: SiteConfig): Promise<RunningSite> {
  mkdirSync(config.data_dir, { recursive: true });
  const inData = (name: string) => join(config.data_dir, name);
  const eeproms = new Map(config.lanes.map(({ lane }) => [lane, new EepromFile(inData(`eeprom-${lane}.bin`))]));
  const site = new Site({
    hex: readFileSync(config.hex, 'utf8'),
    wall: Date.now,
    lanes: config.lanes.map(({ lane, direction, terminal_port }) => ({
      lane,
      direction,
      eeprom: eeproms.get(lane)?.load(),
      terminal: terminal_port === undefined ? undefined : new FileLedger(inData(`terminal-${lane}.json`)),
    })),
  });

  const pacer = new RealTimePacer();
  const wires = new Map<string, LaneWires>();
  const terminalPorts: Record<string, number> = {};
  for (const { lane: name, tty: path, terminal_port } of config.lanes) {
    const { board, noise, terminal } = site.lane(name);
    const tty = new BoardTty(board, path);
    pacer.add(board);
    pacer.poll(tty);
    noise.reachHost((bytes) => tty.inject(bytes));
    const server = terminal === undefined ? undefined : new TerminalServer(terminal);
    wires.set(name, { tty, terminal: server });
    if (server !== undefined) terminalPorts[name] = await server.listen(terminal_port ?? 0);
  }

  const drawing = new DrawingThread();
  const camera = new CameraServer(site.lanes, (scene) => drawing.draw(scene));
  const cameraPort = await camera.listen(config.camera_port);
  const control = new ControlServer(new Control(site, wires, camera), config.gateway);
  const controlPort = await control.listen(config.control_port);

  const saveEeproms = () => {
    for (const [lane, file] of eeproms) file.saveWhenChanged(site.lane(lane).board.eeprom);
  };
  const saving = setInterval(saveEeproms, EEPROM_SAVE_MS);
  for (const { tty } of wires.values()) tty.plug();
  pacer.start();

  return {
    controlPort,
    cameraPort,
    terminalPorts,
    async stop() {
      pacer.stop();
      for (const { tty } of wires.values()) tty.unplug();
      clearInterval(saving);
      saveEeproms();
      await control.close();
      await camera.close();
      await drawing.stop();
      for (const { terminal } of wires.values()) await terminal?.close();
    },
  };
}
