/** Settings that the environment may override, beside those of each lane: name of the variable, and where it goes. */
const settings: Readonly<Record<string, readonly string[]>> = {
  HUB_URL: ['hub', 'url'],
  PAIRING_CODE: ['hub', 'pairing_code'],
  DATA_DIR: ['data_dir'],
  HTTP_HOST: ['http', 'host'],
  HTTP_PORT: ['http', 'port'],
  LOG_LEVEL: ['log', 'level'],
  LOG_DIR: ['log', 'dir'],
  SIMULATION_MODE: ['simulation'],
};

type Tree = Record<string, unknown>;

/**
 * Lays the environment over what a file said. For a lane `gate_in`: `GATE_IN_ARDUINO_PORT`, `GATE_IN_CAMERA_SOURCE`, `GATE_IN_CARD_READER_PORT` (the
 * reader is wired to the board, so only `board` or the board's own port is right) and `CARD_TERMINAL_PORT` (`port` or `host:port`, for lanes that lead out).
 * Empty variables count as absent. @returns the new tree and what was wrong with a variable.
 */
export function overridden(
  file: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): { value: unknown; refused: string[] } {
  if (!isTree(file)) return { value: file, refused: [] };
  const value = structuredClone(file);
  const refused: string[] = [];
  const given = (name: string): string | null => environment[name]?.trim() || null;
  for (const [name, path] of Object.entries(settings)) {
    const text = given(name);
    if (text !== null) put(value, path, typed(name, text));
  }
  for (const lane of Array.isArray(value.lanes) ? value.lanes : []) {
    const profile = isTree(lane) ? lane.profile : undefined;
    if (!isTree(lane) || !isTree(profile) || typeof profile.gate_id !== 'string') continue;
    const prefix = profile.gate_id.toUpperCase();
    const board = given(`${prefix}_ARDUINO_PORT`);
    if (board !== null) put(lane, ['board', 'port'], board);
    const camera = given(`${prefix}_CAMERA_SOURCE`);
    if (camera !== null) put(lane, ['camera', 'source'], camera);
    const reader = given(`${prefix}_CARD_READER_PORT`);
    if (reader !== null && reader !== 'board' && reader !== board) {
      refused.push(
        `${prefix}_CARD_READER_PORT: the reader is wired to the board; expected "board" or the board's port`,
      );
    }
    const terminal = given('CARD_TERMINAL_PORT');
    if (terminal !== null && profile.direction !== 'in') {
      const parts = /^(?:(.+):)?([0-9]{1,5})$/.exec(terminal);
      if (parts === null) refused.push('CARD_TERMINAL_PORT: expected "port" or "host:port"');
      else put(lane, ['terminal'], { host: parts[1] ?? '127.0.0.1', port: Number(parts[2]) });
    }
  }
  return { value, refused };
}

function put(tree: Tree, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    tree[name] = value;
    return;
  }
  const below = tree[name];
  const next = isTree(below) ? below : {};
  tree[name] = next;
  put(next, rest, value);
}

/** What is no text in the schema is read as YAML would read it, so that the schema sees the same types from both sources. */
function typed(name: string, text: string): unknown {
  if (name === 'LOG_LEVEL') return text.toUpperCase();
  if (name === 'HTTP_PORT' && /^[0-9]+$/.test(text)) return Number(text);
  if (name === 'SIMULATION_MODE' && /^(true|1|false|0)$/i.test(text)) return /^(true|1)$/i.test(text);
  return text;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
