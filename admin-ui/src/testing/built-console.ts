/** The built console in a real browser: opened in a language, a theme and a width, with every fault it tells of. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { chromiumPath } from '../../../test/browser.ts';
import { testWith } from '../../../test/required.ts';

// On a machine that is busy with other suites a browser loses a click now and then. What is wrong fails twice; each first
// failure is told.
jest.retryTimes(1, { logErrorsBeforeRetry: true });

const isBuilt = existsSync(join(import.meta.dirname, '../../dist/index.html'));
export const isReady = chromiumPath !== null && isBuilt;
export const testInBrowser = testWith(
  isReady,
  'the console is not built (npm run build:console) or Chromium is missing',
);

export interface Look {
  readonly locale?: string;
  readonly theme?: string;
  readonly width?: number;
}

/** `faults`: errors, warnings, and addresses that are not the hub's. */
export async function openPage(
  browser: Browser,
  hubUrl: string,
  path: string,
  look: Look = {},
): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext({ viewport: { width: look.width ?? 1440, height: 900 } });
  await context.addInitScript(
    ([locale, theme]) => {
      localStorage.setItem('lpr.locale', locale ?? '');
      localStorage.setItem('lpr.theme', theme ?? '');
    },
    [look.locale ?? 'en-US', look.theme ?? 'light'],
  );
  const faults: string[] = [];
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(hubUrl) && !/^(blob|data):/.test(request.url())) faults.push(request.url());
  });
  await page.goto(hubUrl + path);
  return { page, faults };
}

/** Texts whose box hides a part of them: a vowel above or below the line is the first to go. */
export const clippedOn = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.v-application *')]
      .filter((element) => [...element.childNodes].some((node) => node instanceof Text && /[ก-๛]/.test(node.data)))
      .filter((element) => {
        const style = getComputedStyle(element);
        const isHiding = style.overflowY === 'hidden' || style.overflowY === 'clip';
        return (isHiding && element.scrollHeight > element.clientHeight + 1) || parseFloat(style.fontSize) < 12;
      })
      .map((element) => element.textContent),
  );
