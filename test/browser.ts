/** A headless Chromium from Debian for end-to-end tests. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PATHS = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Null when no Chromium is installed: the test is then reported as not run (and fails where everything is required). */
export const chromiumPath: string | null = PATHS.find((path) => path !== undefined && existsSync(path)) ?? null;

export async function openBrowser(): Promise<Browser> {
  if (chromiumPath === null) throw new Error('No Chromium found: apt-get install chromium, or name it in CHROMIUM.');
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
