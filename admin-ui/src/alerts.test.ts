/** Alerts and their settings in a real browser, before a hub of cardboard. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../../test/browser.ts';
import { clippedOn, isReady, openPage, testInBrowser, type Look } from './testing/built-console.ts';
import { uuid } from './testing/fixture-alerts.ts';
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
  if (isReady) hub = await startFixtureHub(3);
});
afterEach(async () => {
  if (!isReady) return;
  await page.context().close();
  await hub.close();
});

async function open(path: string, sight: string, look?: Look): Promise<void> {
  ({ page, faults } = await openPage(browser, hub.url, path, look));
  await page.locator(sight).first().waitFor();
}
const button = (name: string | RegExp) => page.getByRole('button', { name });
const query = (name: string): string | null => new URL(page.url()).searchParams.get(name);
const settings = (tab: string, id = ''): string => `/alerts/settings?tab=${tab}${id === '' ? '' : `&open=${id}`}`;

describe('every look', () => {
  const sights: readonly (readonly [path: string, sight: string])[] = [
    ['/alerts', '.detail ol li'],
    ['/alerts?tab=history', '.detail ol li'],
    ['/alerts?open=figures', '.tiles'],
    [settings('rules', uuid(801)), '.condition'],
    [settings('channels', uuid(822)), '.tiles'],
    [settings('channels', 'new'), '.kinds .kind'],
    [settings('templates', 'alert:th'), '.bubble'],
    [settings('people', `roster:${uuid(631)}`), '.strip'],
    [settings('people', `person:${uuid(611)}`), '.address'],
    [settings('escalations', uuid(851)), '.step'],
    [settings('calendars', uuid(743)), '.sheet .on'],
  ];
  for (const [locale, theme, width] of [
    ['en-US', 'light', 1440],
    ['th', 'dark', 1024],
  ] as const) {
    testInBrowser(
      `${locale}, ${theme}, ${width} wide: no fault, nothing clipped, nothing beside the page`,
      async () => {
        await open('/alerts', '.line', { locale, theme, width });
        for (const [path, sight] of sights) {
          await page.goto(hub.url + path);
          await page.locator(sight).first().waitFor();
          expect({ path, clipped: await clippedOn(page) }).toEqual({ path, clipped: [] });
          const beside = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect({ path, isBeside: beside > 0 }).toEqual({ path, isBeside: false });
        }
        expect(faults).toEqual([]);
      },
    );
  }
});

describe('Alerts', () => {
  testInBrowser(
    'one press of a digit takes the alert with its outcome and goes to the next; it is taken back',
    async () => {
      await open('/alerts', '.detail');
      const [first, second] = [uuid(503), uuid(500)];
      await page.waitForFunction((id) => location.search.includes(id), first);
      await page.keyboard.press('m');
      await page.keyboard.type('ประสานสายตรวจแล้ว');
      await page.keyboard.press('Enter');
      await page.keyboard.press('4');
      await page.getByText(': Recovered').waitFor();
      expect(hub.alerts.acts).toEqual([
        { path: `/alerts/${first}/acknowledge`, body: { outcome: 'recovered', note: 'ประสานสายตรวจแล้ว' } },
      ]);
      expect(query('open')).toBe(second);
      await page.locator(`[data-id="${first}"]`).waitFor({ state: 'detached' });
      await button('Undo').click();
      await page.locator(`[data-id="${first}"]`).waitFor();
      expect(hub.alerts.acts.at(-1)?.path).toBe(`/alerts/${first}/acknowledge/undo`);
    },
  );

  testInBrowser('new ones wait behind a pill, and nothing moves', async () => {
    await open('/alerts', '.detail');
    const before = await page.locator('article.line').count();
    hub.alerts.raise();
    hub.alerts.raise({ category: 'wanted' });
    await button(/2 new/).waitFor();
    expect(await page.locator('article.line').count()).toBe(before);
    await page.keyboard.press('n');
    await page.waitForFunction((count) => document.querySelectorAll('article.line').length === count, before + 2);
  });

  testInBrowser('why, who was told with what result, and the time until the next step', async () => {
    await open(`/alerts?open=${uuid(500)}`, '.detail ol');
    await page.getByText('ร.ต.อ. สมชาย over LINE ศูนย์').waitFor();
    await page.getByText('given up after 6 tries').waitFor();
    await page.getByText(/tried 2 times, again in/).waitFor();
    await page.getByText('Step 2 of 3: เวรกลางคืน').waitFor();
    await page.getByText('last known to be right 9 days ago').waitFor();
    await button('Seen again 3 times').click();
    expect(await page.getByRole('link', { name: 'ประตูทางออก' }).count()).toBe(3);
    await page.keyboard.press('u');
    await page.locator('.v-list-item', { hasText: 'เวรกลางคืน' }).click();
    await page.getByText('Escalated by “เวรกลางคืน”').waitFor();
    expect(hub.alerts.acts).toEqual([{ path: `/alerts/${uuid(500)}/escalate`, body: { escalationId: uuid(851) } }]);
  });

  testInBrowser('the bell leads to the alert; the sound says that it waits for a press, and is muted', async () => {
    await open('/live', '.rail');
    await page.getByLabel(/^Alerts, /).click();
    await page.locator('.what', { hasText: 'รถต้องสงสัย' }).click();
    await page.locator('.detail').waitFor();
    expect(query('open')).toBe(uuid(501));
    await page.getByLabel('Sound of alerts').click();
    expect(await page.evaluate(() => localStorage.getItem('lpr.alertSound'))).toBe('off');
  });
});

describe('rules', () => {
  testInBrowser('a search in Detections becomes a rule, shown on the last days before it is saved', async () => {
    await open('/detections?plate=1%E0%B8%81%E0%B8%81&province=TH-10', '.line');
    await page.getByLabel('Make a rule of this search').click();
    await page.locator('.condition').waitFor();
    expect(await page.getByLabel('Plate', { exact: true }).inputValue()).toBe('1กก');
    await page.getByText('alerts would have been raised in 7 days').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('รถคันนี้');
    await button('Save').click();
    await page.getByText('รถคันนี้ is saved').waitFor();
    const [act] = hub.settingsActs;
    expect(act).toMatchObject({
      path: 'POST /alert-rules',
      body: {
        name: 'รถคันนี้',
        groups: [{ conditions: [{ kind: 'detection', filter: { plate: '1กก', issuingEntity: 'TH-10' } }] }],
      },
    });
  });

  testInBrowser('a part of a sentence is chosen where it stands; what is not saved is kept and marked', async () => {
    await open(settings('rules', uuid(802)), '.condition');
    await button(/Category|Geofence: /)
      .first()
      .click();
    await page.locator('.v-overlay--active .v-list-item', { hasText: 'any geofence' }).click();
    await page.locator(`[data-id="${uuid(802)}"] .draft`).waitFor();
    await page.locator(`[data-id="${uuid(801)}"]`).click();
    await page.waitForFunction((id) => location.search.includes(id), uuid(801));
    await page.locator(`[data-id="${uuid(802)}"]`).click();
    await button('Geofence: any geofence').waitFor();
    await button('Discard changes').click();
    await page.locator('.draft').waitFor({ state: 'detached' });
    expect(hub.settingsActs).toEqual([]);
  });
});

testInBrowser(
  'a channel is tested with its answer, says what it lacks, and sends again what was given up',
  async () => {
    await open(settings('channels', uuid(821)), '.lacks');
    await page.getByText('PUBLIC_URL is not set').waitFor();
    await button('Send a test').click();
    await page.getByText('Taken by the other side').waitFor();
    await page.locator(`[data-id="${uuid(822)}"]`).click();
    await button('Send a test').click();
    await page.locator('.answer', { hasText: 'answers 451' }).waitFor();
    await button('Send all again').click();
    await page.getByText('1 are sent again').waitFor();
    expect(hub.settingsActs.at(-1)).toEqual({
      path: '/alert-dead-letters/replay',
      body: { deliveryIds: 'all', channelId: uuid(822) },
    });
  },
);

testInBrowser('a template takes facts by a press and says which one there is not', async () => {
  await open(settings('templates', 'alert:th'), '.bubble');
  await page.locator('.chip', { hasText: 'The geofence' }).click();
  const text = page.getByLabel('Text', { exact: true });
  expect(await text.inputValue()).toContain('{geofence}');
  await text.fill('{plat} seen');
  await page.getByText('names {plat}, which there is not').waitFor();
  expect(await button('Save').isDisabled()).toBe(true);
  await text.fill('{plate} seen');
  await page.locator('.bubble', { hasText: '1กก1234 seen' }).waitFor();
  await button('Save').click();
  await page.getByText('The words are saved').waitFor();
  expect(hub.settingsActs).toMatchObject([{ body: { kind: 'alert', language: 'th', text: '{plate} seen' } }]);
});

testInBrowser('an escalation gets a further step; a calendar gets hours by dragging', async () => {
  await open(settings('escalations', uuid(851)), '.step');
  await button('Another step').click();
  await button('Save').click();
  await page.getByText('เวรกลางคืน is saved').waitFor();
  expect(hub.settingsActs[0]?.body).toMatchObject({ steps: [{}, {}, {}, { afterSeconds: 1500 }] });
  await page.goto(hub.url + settings('calendars', uuid(743)));
  const sheet = await page.locator('.sheet').boundingBox();
  if (sheet === null) throw new Error('The sheet is not there');
  const at = (day: number, hour: number): readonly [number, number] => [
    sheet.x + (sheet.width * (day - 0.5)) / 7,
    sheet.y + (sheet.height * (hour + 0.2)) / 24,
  ];
  await page.mouse.move(...at(3, 13));
  await page.mouse.down();
  await page.mouse.move(...at(3, 14.9), { steps: 4 });
  await page.mouse.up();
  await button('Save').click();
  await page.getByText('วันตลาดนัด is saved').waitFor();
  expect(hub.settingsActs.at(-1)?.body).toMatchObject({
    weekly: expect.arrayContaining([{ days: [3], from: '13:00', to: '15:30' }]) as unknown,
  });
});
