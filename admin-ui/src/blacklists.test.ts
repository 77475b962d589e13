/** The pages Blacklists and Hits in a real browser, before a hub of cardboard. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../../test/browser.ts';
import { clippedOn, isReady, openPage, testInBrowser, type Look } from './testing/built-console.ts';
import { GUARDED, HITS, IMPORT, STOLEN } from './testing/fixture-blacklists.ts';
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
  if (isReady) hub = await startFixtureHub(8);
});
afterEach(async () => {
  if (!isReady) return;
  await page.context().close();
  await hub.close();
});

async function open(path: string, look?: Look): Promise<void> {
  ({ page, faults } = await openPage(browser, hub.url, path, look));
}
const button = (name: string | RegExp) => page.getByRole('button', { name });
const query = (name: string): string | null => new URL(page.url()).searchParams.get(name);
const ENTRY = '00000000-0000-7000-8000-000000000301';
const FILE = { name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from('ทะเบียน,จังหวัด\n1กก 1234,กรุงเทพมหานคร\n') };

describe('every look', () => {
  for (const locale of ['en-US', 'th']) {
    for (const [theme, width] of [
      ['light', 1440],
      ['dark', 1024],
    ] as const) {
      testInBrowser(
        `${locale}, ${theme}, ${width} wide: no fault, nothing clipped, nothing beside the page`,
        async () => {
          await open('/blacklists', { locale, theme, width });
          await page.locator('li.entry').first().waitFor();
          const list = `/blacklists?list=${STOLEN}`;
          for (const [at, sight] of [
            [`${list}&open=${ENTRY}`, 'aside.side dl'],
            [`${list}&tab=imports`, '.drop'],
            [`${list}&tab=sources`, '.empty-state'],
            [`${list}&tab=policy`, '.misread'],
            [`${list}&tab=accuracy`, 'table'],
            [`/blacklists?list=${GUARDED}`, 'form.why'],
            [`/hits?open=${HITS.alike}`, '.viewer img'],
            ['/hits?state=decided', '.empty-state'],
          ] as const) {
            await page.goto(hub.url + at);
            await page.locator(sight).first().waitFor();
            expect({ at, clipped: await clippedOn(page) }).toEqual({ at, clipped: [] });
            expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
          }
          expect(faults).toEqual([]);
        },
      );
    }
  }
});

describe('a list', () => {
  testInBrowser('is made, with its colour, its sound and what it asks for', async () => {
    await open('/blacklists');
    await button('New').click();
    const dialog = page.locator('.v-dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Gate passes');
    await dialog.getByRole('radio', { name: 'VIP' }).click();
    await dialog.getByRole('button', { name: '#6a3fb5' }).click();
    await dialog.locator('button[type=submit]').click();
    await dialog.waitFor({ state: 'detached' });
    expect(hub.blacklistActs).toMatchObject([
      { path: '/blacklists', body: { name: 'Gate passes', category: 'vip', colour: '#6a3fb5', sound: null } },
    ]);
  });

  testInBrowser('that asks why shows its entries to those who say it', async () => {
    await open(`/blacklists?list=${GUARDED}`);
    await page.getByLabel('Reason', { exact: true }).fill('Review of the month');
    expect(await button('Show the entries').isDisabled()).toBe(true);
    await page.getByLabel('Case number', { exact: true }).fill('12/2569');
    await page.keyboard.press('Enter');
    await page.locator('li.entry').first().waitFor();
  });

  testInBrowser('shows what a policy would do before it is in force', async () => {
    await open(`/blacklists?list=${STOLEN}&tab=policy`);
    await page.getByText('nothing but itself').first().waitFor();
    const save = button('Use this policy');
    expect(await save.isDisabled()).toBe(true);
    await page.getByRole('radio', { name: /Characters that look alike/ }).click();
    await page.getByText('3.5 more a day than now').waitFor();
    expect(await page.locator('.misread').first().locator('.marked').allTextContents()).toEqual(['ถ', 'ภ', '8']);
    await save.click();
    await page.getByText('The policy is in force').waitFor();
    expect(hub.blacklistActs).toMatchObject([{ method: 'PATCH', body: { policy: { edits: 'confusable' } } }]);
  });
});

describe('entries', () => {
  testInBrowser('are added and changed by keys, with a province by its English name', async () => {
    await open(`/blacklists?list=${STOLEN}`);
    await page.locator('li.entry').first().waitFor();
    await page.keyboard.press('n');
    const dialog = page.locator('.v-dialog');
    // The dialog puts the cursor where one begins; before that it would take it away from elsewhere.
    await page.waitForFunction(() => document.activeElement?.matches('.v-dialog input') === true);
    await dialog.getByLabel('Plate', { exact: true }).fill('5ณฐ 8');
    await dialog.getByRole('combobox', { name: 'Province' }).fill('chiang');
    await page.locator('.v-list-item', { hasText: 'เชียงใหม่' }).waitFor();
    // The first that fits is taken by a key: a list that still moves cannot be clicked.
    await page.keyboard.press('Enter');
    await dialog.getByLabel('Reason', { exact: true }).fill('Seen at a theft');
    await dialog.locator('button[type=submit]').click();
    await page.locator('aside.side').getByText('Seen at a theft').waitFor();
    expect(hub.blacklistActs).toMatchObject([
      { body: { plateNumber: '5ณฐ 8', issuingEntity: 'TH-50', reason: 'Seen at a theft' } },
    ]);
  });

  testInBrowser('are taken off many at once, and put back', async () => {
    await open(`/blacklists?list=${STOLEN}`);
    await page.locator('li.entry').nth(2).waitFor();
    // The first one has an attachment, which could not be put back.
    const isCurrent = (index: number) =>
      page.locator(`li.entry >> nth=${index}`).and(page.locator('.current')).waitFor();
    for (const index of [0, 1, 2]) {
      await page.keyboard.press('j');
      await isCurrent(index);
      if (index > 0) await page.keyboard.press('x');
    }
    await page.getByText('2 chosen').waitFor();
    await page.locator('.bar').getByRole('button', { name: 'Take off' }).click();
    await page.getByText('2 taken off the list').waitFor();
    await button('Undo').click();
    await page.waitForFunction(() => document.querySelectorAll('li.entry').length === 6);
    expect(hub.blacklistActs.map(({ method, path }) => `${method} ${path.split('/').at(-1) ?? ''}`)).toEqual([
      'POST remove',
      'POST entries',
      'POST entries',
    ]);
  });

  testInBrowser('with an attachment are only taken off when that is meant', async () => {
    await open(`/blacklists?list=${STOLEN}&open=${ENTRY}`);
    await page.locator('aside.side').getByRole('button', { name: 'Take off' }).click();
    expect(hub.blacklistActs).toEqual([]);
    await button('Really? Attachments go with it').click();
    await page.getByText('1 taken off the list').waitFor();
  });
});

describe('an import', () => {
  testInBrowser('goes from the file over columns and difference to the list, and asks where it shrinks', async () => {
    await open(`/blacklists?list=${STOLEN}&tab=imports`);
    await page.locator('input[type=file]').setInputFiles(FILE);
    await page.getByText('Plate: is empty').waitFor();
    expect(query('import')).toBe(IMPORT);
    await page.getByText('The columns are as in the last import of this list.').waitFor();
    // What a column is can be changed, and the rows show it.
    await page.locator('th', { hasText: 'วันที่แจ้ง' }).locator('.v-select').click();
    await page.locator('.v-list-item', { hasText: 'Agency' }).click();
    await button('Compare with the list').click();
    await page.locator('.counts').waitFor();
    await page.getByText('1 entry would go: 34% of those from files.').waitFor();
    await page.locator('.counts .warning').click();
    await page.locator('del', { hasText: 'Seen at two thefts' }).waitFor();
    const apply = button(/^Apply: /);
    expect(await apply.isDisabled()).toBe(true);
    await page.getByLabel('Enter 1').fill('1');
    expect(await apply.isDisabled()).toBe(true);
    await page.getByLabel('Apply the rest without it').check();
    await apply.click();
    await page.getByText('The list is as the file says').waitFor();
    await page.getByText('1 faulty row was left out').waitFor();
    expect(hub.blacklistActs.map(({ path }) => path.split('/').at(-1))).toEqual(['imports', 'stage', 'apply']);
    expect(hub.blacklistActs[1]?.body).toMatchObject({ plan: { map: { agency: ['วันที่แจ้ง'] } } });
    expect(hub.blacklistActs[2]?.body).toEqual({ confirmRemoved: 1, leaveOutFaulty: true });
  });

  testInBrowser('comes by itself from a source, which is tried first', async () => {
    await open(`/blacklists?list=${STOLEN}&tab=sources`);
    await button('Add a source').click();
    await page.locator('.choice').click();
    await page.getByLabel('Address', { exact: true }).fill('https://lists.example/stolen.csv');
    await page.locator('button[form=list-source]').click();
    await page.locator('article.source').waitFor();
    await button('Test').click();
    await page.getByText('nothing of it was kept').waitFor();
    await page.keyboard.press('Escape');
    await button('Run now').click();
    await page.locator('article.source').getByText('Well').waitFor();
  });
});

describe('hits', () => {
  testInBrowser('mark what differs between the read and the list, and say how sure they are', async () => {
    await open(`/hits?open=${HITS.alike}`);
    const pair = page.locator('.pair');
    await pair.locator('.marked').nth(3).waitFor();
    expect(await pair.locator('.marked').allTextContents()).toEqual(['ข', '9', 'ช', '8']);
    await page.locator('.how').getByText('9 read, 8 listed').waitFor();
    await page.locator('.how').getByText('possible').waitFor();
  });

  testInBrowser('are decided by one key each; the next one is there, and the last is taken back', async () => {
    await open('/hits');
    await page.locator('article.line.current').waitFor();
    expect(query('open')).toBe(HITS.exact);
    await page.keyboard.press('n');
    await page.getByLabel('Note to the decision').fill('mud on the plate');
    await page.keyboard.press('Enter');
    await page.keyboard.press('2');
    await page.getByText('1กก1234: Misread').waitFor();
    await page.waitForURL(new RegExp(HITS.alike));
    expect(await page.locator('article.line').count()).toBe(3);
    await page.keyboard.press('u');
    await page.waitForURL(new RegExp(HITS.exact));
    expect(await page.locator('article.line').count()).toBe(4);
    expect(hub.blacklistActs.map(({ body }) => body)).toEqual([
      { hitIds: [HITS.exact], outcome: 'misread', note: 'mud on the plate' },
      { hitIds: [HITS.exact], outcome: null },
    ]);
  });

  testInBrowser('of the same plate are dismissed together', async () => {
    await open('/hits');
    await page.locator('article.line.current').waitFor();
    await page.keyboard.press('D');
    await page.getByText('2 hits of 1กก1234: Dismissed').waitFor();
    expect(hub.blacklistActs).toMatchObject([{ body: { hitIds: [HITS.exact, HITS.twin], outcome: 'dismissed' } }]);
    expect(await page.locator('article.line').count()).toBe(2);
  });

  testInBrowser('that are new wait behind a pill, so that nothing jumps', async () => {
    await open('/hits');
    await page.locator('article.line.current').waitFor();
    const first = await page.locator('article.line').first().getAttribute('data-id');
    hub.hit();
    await button(/1 new/).waitFor();
    expect(await page.locator('article.line').first().getAttribute('data-id')).toBe(first);
    await page.keyboard.press('t');
    await page.locator('article.line').first().getByText('Gate 9').waitFor();
  });
});

testInBrowser('a plate that was seen is put on a list by a key, and off again', async () => {
  await open('/detections');
  await page.locator('.viewer').waitFor();
  await page.keyboard.press('b');
  const dialog = page.locator('.v-dialog');
  await dialog.getByRole('radio', { name: /รถหาย/ }).click();
  await dialog.getByLabel('Why').fill('Fled from the gate');
  await page.keyboard.press('Enter');
  await page.getByText('On “รถหาย” now').waitFor();
  await button('Undo').click();
  await page.waitForFunction(() => !document.body.innerText.includes('Undo'));
  expect(hub.blacklistActs).toMatchObject([
    { path: `/blacklists/${STOLEN}/entries`, body: { reason: 'Fled from the gate' } },
    { path: `/blacklists/${STOLEN}/entries/remove` },
  ]);
});
