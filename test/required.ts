/**
 * Tests that need something of the machine (a browser, real photographs). Where it is absent the test is reported by name
 * as skipped; where `LPR_REQUIRE_ALL` is set (continuous integration) it runs, and fails saying what is missing.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from '@jest/globals';

const requireAll = process.env['LPR_REQUIRE_ALL'] !== undefined;

/** The folder of real photographs (`LPR_PLATES`, default beside the checkout), or null when it is not there. */
export const platesFolder: string | null = (() => {
  const folder = process.env['LPR_PLATES'] ?? resolve(import.meta.dirname, '../../shared/data/plates');
  return existsSync(join(folder, 'manifest.jsonl')) ? folder : null;
})();

/** `test` when `present`, else a skip whose name says what to provide. */
export function testWith(present: boolean, missing: string): (name: string, run: () => Promise<void>) => void {
  if (present || requireAll) {
    return (name, run) => {
      test(name, async () => {
        if (!present) throw new Error(`${missing}; required here because LPR_REQUIRE_ALL is set.`);
        await run();
      });
    };
  }
  return (name, run) => {
    test.skip(`${name} (not run: ${missing})`, run);
  };
}

export const testOnPhotographs = testWith(
  platesFolder !== null,
  'no photographs: set LPR_PLATES to a folder with a manifest.jsonl',
);
