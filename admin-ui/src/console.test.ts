/** The built console in a real browser, before a hub of cardboard. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { openBrowser } from '../../test/browser.ts';
import { clippedOn, isReady, openPage, testInBrowser, type Look } from './testing/built-console.ts';
import { PLATE_BOX, startFixtureHub, type FixtureHub } from './testing/fixture-hub.ts';

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
  if (isReady) hub = await startFixtureHub(70);
});
afterEach(async () => {
  if (!isReady) return;
  await page.context().close();
  await hub.close();
});

async function openConsole(path: string, look: Look = {}): Promise<void> {
  ({ page, faults } = await openPage(browser, hub.url, path, look));
}
const clipped = (): Promise<string[]> => clippedOn(page);

describe('every look', () => {
  for (const locale of ['en-US', 'th']) {
    for (const [theme, width] of [
      ['light', 1440],
      ['dark', 1024],
    ] as const) {
      testInBrowser(`${locale}, ${theme}, ${width} wide: no fault, no foreign address, no clipped Thai`, async () => {
        await openConsole('/live', { locale, theme, width });
        await page.locator('article.card').first().waitFor();
        expect(await clipped()).toEqual([]);
        await page.goto(`${hub.url}/detections`);
        await page.locator('.viewer img').waitFor();
        expect(await clipped()).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
        expect(faults).toEqual([]);
      });
    }
  }
});

describe('evidence', () => {
  /** Where the red sheet begins and ends along its middle, in pixels of the screenshot. */
  async function redSpan(): Promise<readonly [number, number]> {
    const { data, info } = await sharp(await page.locator('.stage').screenshot())
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const box = await outlineBox();
    const row = Math.round((box.top + box.bottom) / 2);
    const red: number[] = [];
    for (let x = 0; x < info.width; x += 1) {
      const at = (row * info.width + x) * 3;
      if ((data[at] ?? 0) > 150 && (data[at + 1] ?? 0) < 80 && (data[at + 2] ?? 0) < 80) red.push(x);
    }
    return [red[0] ?? -1, (red.at(-1) ?? -1) + 1];
  }

  async function outlineBox(): Promise<{ left: number; right: number; top: number; bottom: number }> {
    const points = ((await page.locator('.stage polygon.line').getAttribute('points')) ?? '')
      .split(' ')
      .map((point) => point.split(',').map(Number));
    const xs = points.map(([x]) => x ?? Number.NaN);
    const ys = points.map(([, y]) => y ?? Number.NaN);
    return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
  }

  testInBrowser('the outline lies on the plate to the pixel, whole and zoomed', async () => {
    await openConsole('/detections/detection-7');
    await page.locator('.stage polygon.line').waitFor();
    const stage = (await page.locator('.stage').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    for (const zoom of [0, -120, -240]) {
      await page.mouse.move(stage.x + stage.width / 2, stage.y + stage.height / 2);
      if (zoom !== 0) await page.mouse.wheel(0, zoom);
      await page.waitForTimeout(200);
      const outline = await outlineBox();
      const [left, right] = await redSpan();
      // The line itself covers up to three pixels of the edge.
      expect(Math.abs(left - outline.left)).toBeLessThanOrEqual(3);
      expect(Math.abs(right - outline.right)).toBeLessThanOrEqual(3);
      expect((outline.right - outline.left) / (outline.bottom - outline.top)).toBeCloseTo(
        PLATE_BOX[2] / PLATE_BOX[3],
        2,
      );
    }
  });

  testInBrowser('a correction is made by keys alone and can be taken back', async () => {
    await openConsole('/detections');
    await page.locator('.viewer').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('e');
    await page.getByLabel('Plate', { exact: true }).fill('5ขค 678');
    await page.keyboard.press('Enter');
    await page.getByText('Corrected to 5ขค678').waitFor();
    expect(hub.corrections).toMatchObject([{ kind: 'text', plateNumber: '5ขค678' }]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.waitForFunction(() => !document.body.innerText.includes('Undo'));
    expect(hub.corrections).toHaveLength(2);
    expect(hub.corrections[1]).toMatchObject({ kind: 'text', plateNumber: 'ขข9999', issuingEntity: 'TH-50' });
    expect(faults).toEqual([]);
  });
});

describe('what retention does', () => {
  for (const [locale, words] of [
    ['en-US', 'Removed by retention on'],
    ['th', 'ลบตามกำหนดการเก็บภาพเมื่อ'],
  ] as const) {
    testInBrowser(`${locale}: a picture that was removed says so with its date, large and small`, async () => {
      await openConsole('/detections/detection-7', { locale });
      hub.removePictures();
      await page.reload();
      await page.locator('.viewer .gone').getByText(words).waitFor();
      await page.locator('figure.patch .gone').getByText(words).waitFor();
      expect(await page.locator('.viewer .gone').textContent()).toMatch(/20/);
      expect(await clipped()).toEqual([]);
      await page.goto(`${hub.url}/live`);
      await page.locator('article.card .gone').first().getByText(words).waitFor();
      // The browser itself tells of each picture that did not come.
      expect(faults.filter((fault) => !fault.includes('410'))).toEqual([]);
    });
  }

  testInBrowser('a detection is held for a case, with a reason, and released', async () => {
    await openConsole('/detections/detection-7');
    const panel = page.locator('[data-part=hold]');
    for (const [button, reason] of [
      ['Hold for a case', 'Case 12/2569, Major Prasert'],
      ['Release', 'Case closed'],
    ] as const) {
      await panel.getByRole('button', { name: button }).click();
      await panel.getByLabel('Reason').fill(reason);
      await page.keyboard.press('Enter');
      await panel.getByText(reason).waitFor();
    }
    expect(await panel.locator('li').allTextContents()).toEqual([
      expect.stringContaining('released by somchai'),
      expect.stringContaining('held by somchai'),
    ]);
    expect(faults).toEqual([]);
  });
});

describe('the lists', () => {
  testInBrowser('Live takes new detections at the top, and lets them wait while it is read', async () => {
    await openConsole('/live');
    await page.locator('.link-state.on').waitFor();
    const first = page.locator('article.card .open').first();
    hub.pass();
    await page.locator('article.card .open[href$="detection-71"]').waitFor();
    expect(await first.getAttribute('href')).toBe('/detections/detection-71');
    await page.locator('article.card').nth(2).hover();
    hub.pass();
    hub.pass();
    await page.getByRole('button', { name: '2 new' }).waitFor();
    expect(await first.getAttribute('href')).toBe('/detections/detection-71');
    await page.keyboard.press('n');
    await page.locator('article.card .open[href$="detection-73"]').waitFor();
    expect(await first.getAttribute('href')).toBe('/detections/detection-73');
  });

  testInBrowser('Detections walks by keys, grows at its end, and says in the address what is open', async () => {
    await openConsole('/detections');
    await page.locator('.rows article').first().waitFor();
    for (let step = 0; step < 50; step += 1) await page.keyboard.press('j');
    await page.waitForFunction(() => document.querySelectorAll('.rows article').length === 70);
    expect(new URL(page.url()).searchParams.get('open')).toMatch(/^detection-2\d$/);
  });

  testInBrowser('an ended session leads to sign-in and back to where one was', async () => {
    await openConsole('/detections/detection-9');
    await page.locator('.viewer').waitFor();
    // All that it shows has come: what is asked for later meets an ended session.
    await page.waitForLoadState('networkidle');
    hub.expire();
    await page.getByRole('link', { name: 'Live' }).click();
    await page.waitForURL(/sign-in/);
    // Where one was, or was going: whichever question met the ended session first.
    const next = new URL(page.url()).searchParams.get('next') ?? '';
    expect(['/live', '/detections/detection-9']).toContain(next);
    // The field takes the focus by itself, a moment after it is there: what is typed before lands in it.
    await page.locator('input[name=username]:focus').waitFor();
    await page.getByLabel('Name').fill('somchai');
    await page.locator('input[name=password]').fill('mango sticky rice');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${hub.url}${next}`);
  });
});
