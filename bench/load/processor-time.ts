/** What processes of this machine have used of its processors, as Linux counts it. */
import { readdir, readFile } from 'node:fs/promises';

/** Linux counts CPU time in these. */
const TICK_MS = 10;

/** CPU time of a process's children so far, those that have ended included, ms; null where the system does not tell. */
export async function cpuOfChildren(parent: number): Promise<number | null> {
  try {
    let ticks = 0;
    for (const pid of await readdir('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(fields[1]) === parent) ticks += Number(fields[11]) + Number(fields[12]);
      if (pid === String(parent)) ticks += Number(fields[13]) + Number(fields[14]);
    }
    return ticks * TICK_MS;
  } catch {
    return null;
  }
}
