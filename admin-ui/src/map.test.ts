/** The page Map in a real browser, before a hub of cardboard. */
import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
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

async function openMap(query: string, look?: Look): Promise<void> {
  ({ page, faults } = await openPage(browser, hub.url, `/map${query}`, look));
  await page.locator('.canvas canvas').first().waitFor();
  // Until it shows what there is: then it lies still.
  await page.locator('.canvas[data-fitted=true]').waitFor();
}
/** Chromium has a tip for whoever asks a canvas what lies under the pointer; the map library does. */
const told = (): string[] => faults.filter((fault) => !fault.startsWith('Canvas2D:'));
/** In pixels of the map, from its middle. */
async function point(x: number, y: number): Promise<[number, number]> {
  const box = await page.locator('.canvas').boundingBox();
  if (box === null) throw new Error('The map has no place.');
  return [box.x + box.width / 2 + x, box.y + box.height / 2 + y];
}

for (const [locale, theme, width] of [
  ['en-US', 'light', 1440],
  ['th', 'dark', 1024],
] as const) {
  testInBrowser(`${locale}, ${theme}, ${width} wide: no fault, nothing clipped, no other host is asked`, async () => {
    await openMap('', { locale, theme, width });
    for (const [at, sight] of [
      ['', '.fence'],
      ['?open=fence-1', '.view .rules li'],
      ['?open=new', '.editor .kind'],
      ['?open=import', '.import .drop'],
    ] as const) {
      await page.goto(`${hub.url}/map${at}`);
      await page.locator(sight).first().waitFor();
      expect(await clippedOn(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    }
    expect(told()).toEqual([]);
  });
}

testInBrowser('a circle is drawn by its middle and its rim, dragged, judged by the hub and saved', async () => {
  await openMap('?open=new');
  await page.getByLabel('Name').fill('Roundabout');
  await page.getByRole('radio', { name: 'Circle' }).click();
  await page.mouse.click(...(await point(0, 0)));
  await page.mouse.move(...(await point(60, 0)), { steps: 4 });
  await page.mouse.click(...(await point(60, 0)));
  const radius = page.getByLabel('Radius');
  await radius.waitFor();
  const drawn = Number(await radius.inputValue());
  expect(drawn).toBeGreaterThan(0);
  await page.getByText('1 camera').first().waitFor();

  // The rim goes out to twice as far, once it is drawn and can be taken.
  const canTake = (): Promise<boolean> =>
    page.evaluate(() => document.querySelector<HTMLElement>('.canvas .map')?.style.cursor === 'grab');
  for (let i = 0; i < 200 && !(await canTake()); i++) {
    await page.mouse.move(...(await point(60, i % 2)));
    await page.waitForTimeout(50);
  }
  expect(await canTake()).toBe(true);
  await page.mouse.down();
  await page.mouse.move(...(await point(120, 0)), { steps: 8 });
  await page.mouse.up();
  for (let i = 0; i < 100 && Number(await radius.inputValue()) < drawn * 1.9; i++) await page.waitForTimeout(50);
  expect(Number(await radius.inputValue()) / drawn).toBeCloseTo(2, 1);

  // What the hub finds wrong stands at the shape, and nothing can be saved.
  await radius.fill('5');
  await page.getByText('must be at least 10 m').waitFor();
  expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
  await radius.fill('250');
  await page.getByText('must be at least 10 m').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Roundabout is saved').waitFor();
  expect(hub.places.saved).toMatchObject([{ name: 'Roundabout', shape: { kind: 'circle', radius: 250 } }]);
  expect(told()).toEqual([]);
});

testInBrowser('cameras are picked on the map, and taken back one step at a time', async () => {
  await openMap('?open=new');
  await page.getByLabel('Name').fill('Gates');
  await page.getByRole('radio', { name: 'Cameras' }).click();
  await page.getByText('Click cameras on the map').waitFor();
  const chips = page.locator('.editor .v-chip');
  await page.getByLabel('Cameras', { exact: true }).last().click();
  await page.getByRole('option', { name: 'Back gate' }).click();
  await page.getByRole('option', { name: 'ประตูทางเข้า' }).click();
  await page.keyboard.press('Escape');
  expect(await chips.count()).toBe(2);
  await page.getByRole('button', { name: 'Take the last change back' }).click();
  await chips.nth(1).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Gates is saved').waitFor();
  expect(hub.places.saved).toMatchObject([{ shape: { kind: 'cameras', cameraIds: ['camera-2'] } }]);
});
