import { expect, test } from '@jest/globals';
import { tryPromise } from './promise.ts';

test('a hub killed three times and its database once, under load: what was acknowledged is there exactly once', async () => {
  const lines: string[] = [];
  const verdict = await tryPromise({
    ...{ kills: 3, databaseKills: 1, seed: 20, rate: 10 },
    print: (line) => lines.push(line),
  });
  // Beside them it tells how devices were put off meanwhile.
  expect(lines.filter((line) => /\d\/4 kills/.test(line))).toHaveLength(4);
  expect(verdict).toMatchObject({ lost: 0, doubled: 0 });
  expect(verdict.acknowledged).toBeGreaterThan(50);
  expect(verdict.detected + verdict.dead + verdict.held).toBe(verdict.acknowledged);
}, 300_000);
