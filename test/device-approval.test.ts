/** A device that nobody knows sends over HTTP, waits, is approved in a real browser, and its detection appears. */
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { isReady, openPage, testInBrowser } from '../admin-ui/src/testing/built-console.ts';
import { openBrowser } from './browser.ts';
import { ADMIN, startTestHub, type TestHub } from './hub.ts';

let hub: TestHub;
let browser: Browser;

beforeAll(async () => {
  if (!isReady) return;
  [hub, browser] = await Promise.all([startTestHub(), openBrowser()]);
}, 180_000);
afterAll(async () => {
  if (!isReady) return;
  await browser.close();
  await hub.stop();
}, 60_000);

const send = async (body: unknown): Promise<unknown> => {
  const response = await fetch(new URL('/ingest/generic', hub.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return ((await response.json()) as { status: unknown }).status;
};

testInBrowser('what an unknown device sent is kept, looked into, and becomes a detection with one click', async () => {
  const { page, faults } = await openPage(browser, hub.url, '/sign-in?next=/integrations');
  try {
    // The field takes the focus by itself, a moment after it is there: what is typed before lands in it.
    await page.locator('input[name=username]:focus').waitFor();
    await page.getByLabel('Name').fill(ADMIN.name);
    await page.locator('input[name=password]').fill(ADMIN.password);
    await page.keyboard.press('Enter');
    await page.getByText('No devices yet').waitFor();

    const capturedAt = new Date().toISOString();
    const read = { plateNumber: '3กข 4567', issuingEntity: 'เชียงใหม่', confidence: 0.94 };
    expect(await send({ deviceId: 'gate-box-7', eventId: 'pass-1', capturedAt, ...read })).toBe('held');
    // It comes up by itself, told live.
    await page.getByText('One device waits for you').waitFor();
    await page.locator('.nav .v-badge__badge', { hasText: '1' }).waitFor();
    await page.getByRole('button', { name: 'Peek' }).click();
    await page.locator('.peek').getByText('3กข 4567').waitFor();
    expect((await hub.admin('GET', '/v1/detections')).body).toMatchObject({ items: [] });

    await page.getByLabel('Name', { exact: true }).fill('ป้อมทิศเหนือ');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('ป้อมทิศเหนือ is in').waitFor();
    await page.locator('.device-row').getByText('Online').waitFor();
    await page.locator('.device-row .cameras a', { hasText: 'ป้อมทิศเหนือ' }).waitFor();

    await page.getByRole('link', { name: 'Live', exact: true }).click();
    await page.locator('article.card [aria-label^="3กข 4567"]').waitFor();
    expect(await send({ deviceId: 'gate-box-7', eventId: 'pass-2', plateNumber: '' })).toBe('stored');
    // The browser itself tells that nobody was signed in at first.
    expect(faults.filter((fault) => !fault.includes('401'))).toEqual([]);
  } finally {
    await page.context().close();
  }
});
