// Who runs a data folder: no two sites may write the same books, and what a start that was killed left behind is found. No dependency.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from './setup.mjs';

const LEFT_STOP_WITHIN = 15_000;
const file = (data) => join(data, 'running.json');

/** Ends the script with `already_running` when another start runs the folder; stops what a killed one left running there. */
export async function takeOver(data, print) {
  if (!existsSync(file(data))) return;
  const { supervisor, members } = read(data);
  if (isAlive(supervisor)) fail(`already_running: process ${supervisor.pid} runs the site in ${data}`);
  const left = members.filter(isAlive);
  for (const member of left) {
    print('palang', `stopping ${member.name}, process ${member.pid}, left behind by a start that was killed`);
    process.kill(member.pid, 'SIGTERM');
  }
  const deadline = performance.now() + LEFT_STOP_WITHIN;
  while (left.some(isAlive)) {
    if (performance.now() > deadline) for (const member of left.filter(isAlive)) process.kill(member.pid, 'SIGKILL');
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Writes down that this process runs the folder, with its processes as {name, pid}. */
export function claim(data, members) {
  const known = {
    supervisor: identityOf(process.pid),
    members: members.map(({ name, pid }) => ({ name, ...identityOf(pid) })),
  };
  writeFileSync(file(data), JSON.stringify(known));
}

export function release(data) {
  rmSync(file(data), { force: true });
}

function read(data) {
  try {
    return JSON.parse(readFileSync(file(data), 'utf8'));
  } catch (error) {
    return fail(`${file(data)} cannot be read (${error.message}); remove it when nothing runs the site in ${data}`);
  }
}

function isAlive({ pid, born }) {
  return born !== null && identityOf(pid).born === born;
}

/** A number is given to another process later: the start time of its process tells them apart. Null where there is no such process, or no /proc. */
function identityOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold anything; after it the state is field 3 and the start time field 22 (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, born: fields[0] === 'Z' ? null : (fields[19] ?? null) };
  } catch {
    return { pid, born: null };
  }
}
