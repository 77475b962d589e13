/** The page Integrations in a real browser, before a hub of cardboard. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../../test/browser.ts';
import { clippedOn, isReady, openPage, testInBrowser, type Look } from './testing/built-console.ts';
import { startFixtureHub, type FixtureHub } from './testing/fixture-hub.ts';

let browser: Browser;
let hub: FixtureHub;
let page: Page;
let faults: string[];

beforeAll(async () => {
  if (isReady) browser = await openBrowser();
});
afterAll(async () => {
  if (isReady) await browser.close();
});
beforeEach(async () => {
  if (isReady) hub = await startFixtureHub(1);
});
afterEach(async () => {
  if (!isReady) return;
  await page.context().close();
  await hub.close();
});

async function openIntegrations(query: string, look?: Look): Promise<void> {
  ({ page, faults } = await openPage(browser, hub.url, `/integrations${query}`, look));
  await page.locator('.v-tab').first().waitFor();
}
const button = (name: string | RegExp) => page.getByRole('button', { name });
const query = (name: string): string | null => new URL(page.url()).searchParams.get(name);

const BROKEN = '00000000-0000-7000-8000-000000000003';
const UNREADABLE = '00000000-0000-7000-8000-000000000104';

describe('every look', () => {
  for (const [locale, theme, width] of [
    ['en-US', 'light', 1440],
    ['th', 'dark', 1024],
  ] as const) {
    testInBrowser(
      `${locale}, ${theme}, ${width} wide: no fault, nothing clipped, nothing beside the page`,
      async () => {
        await openIntegrations('', { locale, theme, width });
        for (const [at, sight] of [
          ['', '.band'],
          [`?open=${BROKEN}`, 'aside.side dl'],
          [`?tab=kept&open=${UNREADABLE}`, 'aside.side pre'],
          ['?tab=dead', '.dead'],
          ['?tab=try', '.settings input'],
        ] as const) {
          await page.goto(`${hub.url}/integrations${at}`);
          await page.locator(sight).first().waitFor();
          expect(await clippedOn(page)).toEqual([]);
          expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
        }
        // The browser itself tells of each refusal: the opened message does not fit, which is the point of it.
        expect(faults.filter((fault) => !fault.includes('400'))).toEqual([]);
      },
    );
  }
});

describe('a device that waits', () => {
  testInBrowser('is counted in the rail, explained where it moved, looked into and approved', async () => {
    await openIntegrations('');
    await page.locator('.nav .v-badge__badge', { hasText: '1' }).waitFor();
    await page.getByText('One device waits for you').waitFor();
    await page.getByText('ประตูทิศใต้ has been sending from 10.0.0.2').waitFor();
    await button('Peek').click();
    await page.locator('.peek').getByText('ฏฐ 12').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('ป้อมหลัง');
    await button('Approve').click();
    await page.getByText('is in; 3 kept messages are taken').waitFor();
    expect(hub.deviceActs).toMatchObject([{ body: { name: 'ป้อมหลัง', cameraId: null } }]);
    await page.locator('.band').waitFor({ state: 'detached' });
  });

  testInBrowser('is approved by keys alone', async () => {
    await openIntegrations('');
    await page.locator('.band').waitFor();
    await page.keyboard.press('j');
    await page.locator('.band .current').waitFor();
    await page.keyboard.press('a');
    await page.locator('.band').waitFor({ state: 'detached' });
    expect(hub.deviceActs).toHaveLength(1);
  });

  testInBrowser('is blocked only when that is meant', async () => {
    await openIntegrations('');
    await button('Block').click();
    expect(hub.deviceActs).toEqual([]);
    await button('Block it and drop 3 messages').click();
    await page.locator('.device-row').getByText('Blocked').waitFor();
  });
});

describe('what is kept', () => {
  testInBrowser(
    'the error of a device leads to its message, its reason and its parts; it is replayed by a key',
    async () => {
      await openIntegrations(`?open=${BROKEN}`);
      await page.locator('aside.side').getByText('show the message').click();
      await page.getByText('plateNumber does not fit').waitFor();
      await page.locator('aside.side').getByText('ภาพ.jpg').waitFor();
      expect([query('tab'), query('open')]).toEqual(['kept', UNREADABLE]);
      await page.keyboard.press('r');
      await page.getByText('1 stored').waitFor();
      expect(hub.deviceActs).toEqual([{ path: '/held/replay', body: { ids: [UNREADABLE] } }]);
    },
  );

  testInBrowser('chosen ones are discarded after a second press', async () => {
    await openIntegrations('?tab=kept');
    await page.locator('.held').nth(1).waitFor();
    for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key);
    await page.getByText('2 chosen').waitFor();
    await page.locator('.bar').getByRole('button', { name: 'Discard' }).click();
    expect(hub.deviceActs).toEqual([]);
    await button('Really discard 2 for ever?').click();
    await page.getByText('Nothing is kept here').waitFor();
  });
});

testInBrowser('dead letters say what hindered them and go to the flow again, all at once', async () => {
  await openIntegrations('?tab=dead');
  await page.locator('.dead img').waitFor();
  await page.locator('.dead').first().getByText('The engine did not answer.').waitFor();
  await button('Replay all').click();
  await page.getByText('No dead letters').waitFor();
  expect(hub.deviceActs).toEqual([{ path: '/dead-letters/replay', body: { ids: 'all' } }]);
});

describe('Try it', () => {
  testInBrowser(
    'the mapping is changed and the result with it; a device takes it over, and gives it back',
    async () => {
      await openIntegrations(`?tab=try&format=generic&device=${BROKEN}&held=${UNREADABLE}`);
      await page.locator('.trial .fault').getByText('is missing: nothing lies at plateNumber').waitFor();
      await page.getByLabel('Plate', { exact: true }).fill('lp');
      await page.locator('.trial').getByText('ญฎ 34').waitFor();
      await page.locator('.reply pre').getByText('{"status":"stored"}').waitFor();
      await button('Use these settings').click();
      await page.locator('.v-list-item', { hasText: 'Weighbridge' }).click();
      await page.getByText('Weighbridge now uses these settings').waitFor();
      await button('Undo').click();
      await page.waitForFunction(() => !document.body.innerText.includes('Undo'));
      expect(hub.deviceActs.map(({ body }) => body)).toEqual([
        { config: { plateNumber: 'lp' }, timeZone: null },
        { config: {}, timeZone: null },
      ]);
    },
  );
});

testInBrowser('a device is made; its token and address are shown once', async () => {
  await openIntegrations('?open=new');
  await page.locator('.choice', { hasText: 'Webhook' }).click();
  await page.locator('#add-device').getByLabel('Name', { exact: true }).fill('North');
  await page.keyboard.press('Enter');
  await page.getByText('shown this once').waitFor();
  await page.getByText(/\/ingest\/generic\/lpd_secret$/).waitFor();
});

testInBrowser('a camera leads to its device, and the device to its camera', async () => {
  await openIntegrations('?camera=camera-1');
  const panel = page.locator('aside.side');
  await panel.getByRole('heading', { name: 'ประตูทิศใต้' }).waitFor();
  expect(await panel.getByRole('link', { name: 'ประตูทางเข้า' }).getAttribute('href')).toBe('/cameras?open=camera-1');
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
});
