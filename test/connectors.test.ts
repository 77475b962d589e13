/** A device tells the hub, the hub tells another system: set up, tested and mended in a real browser. */
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { clippedOn, isReady, openPage, testInBrowser } from '../admin-ui/src/testing/built-console.ts';
import { openBrowser } from './browser.ts';
import { ADMIN, startTestHub, type TestHub } from './hub.ts';
import { openReceiver, type Receiver } from './receiver.ts';

let hub: TestHub;
let browser: Browser;
let receiver: Receiver;

beforeAll(async () => {
  if (!isReady) return;
  [hub, browser, receiver] = await Promise.all([startTestHub(), openBrowser(), openReceiver()]);
}, 180_000);
afterAll(async () => {
  if (!isReady) return;
  await Promise.all([browser.close(), receiver.close()]);
  await hub.stop();
}, 60_000);

/** A group is an agent's last word on a vehicle: the detection is confirmed at once. */
async function pass(plate: string): Promise<void> {
  const at = Date.now();
  const uuid = `AGENT1-7-${at}`;
  const group = {
    ...{ data_type: 'alpr_group', version: 2, epoch_start: at, epoch_end: at, camera_id: 7, agent_uid: 'AGENT1' },
    ...{ best_plate_number: plate, best_confidence: 93.8, best_region: 'th-10', best_uuid: uuid, uuids: [uuid] },
    ...{ plate_indexes: [0], candidates: [], best_plate: { coordinates: [] }, is_parked: false, is_preview: false },
  };
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(group) };
  expect((await fetch(new URL('/ingest/rekor', hub.url), init)).status).toBe(200);
}
const groups = (): string[] =>
  receiver.received.map(({ body }) => (JSON.parse(body.toString()) as { best_plate_number: string }).best_plate_number);

testInBrowser(
  'what a device told goes out in Rekor’s form, and what was refused is sent again by a click',
  async () => {
    const { page, faults } = await openPage(browser, hub.url, '/sign-in?next=/integrations?tab=out');
    try {
      await page.getByLabel('Name').fill(ADMIN.name);
      await page.locator('input[name=password]').fill(ADMIN.password);
      await page.keyboard.press('Enter');
      await page.getByText('Nothing goes out yet').waitFor();
      await page.getByRole('button', { name: 'Add connector' }).click();
      await page.getByRole('radio', { name: /Rekor/ }).click();
      await page.getByLabel('Address', { exact: true }).fill(receiver.url);
      // Whoever knows of detections only from settled ones has no corrections to tell.
      expect(await page.getByLabel('Corrections too').count()).toBe(0);
      await page.getByRole('button', { name: 'Save' }).click();
      const row = page.locator('.list > li');
      await row.getByText('Nothing sent yet').waitFor();

      // The stand-in lies on this very machine: that has to be meant.
      await row.getByRole('button', { name: 'Test' }).click();
      await page.getByText("The address lies in the hub's own network.").waitFor();
      await row.getByRole('button', { name: 'Change' }).click();
      await page.getByLabel('Own network').check();
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('is saved').waitFor();
      await row.getByRole('button', { name: 'Test' }).click();
      await page.getByText('has taken the test').waitFor();
      expect(groups()).toEqual(['TEST']);

      await pass('1กก1111');
      const devices = (await hub.admin('GET', '/v1/devices')).body.items as { deviceId: string }[];
      await hub.admin('POST', `/v1/devices/${devices[0]!.deviceId}/approve`, { name: 'Agent' });
      await receiver.has(2);
      expect(groups()).toEqual(['TEST', '1กก1111']);
      await row.getByText('one sent').waitFor();
      await row.getByText('Works').waitFor();

      receiver.answer = 422;
      await pass('2ขข2222');
      await row.getByRole('button', { name: 'one dead letter' }).waitFor({ timeout: 30_000 });
      await row.getByText('Failing').waitFor();
      await row.getByRole('button', { name: 'one dead letter' }).click();
      await row.getByText('2ขข2222').waitFor();
      receiver.answer = 200;
      await row.getByRole('button', { name: 'Send all again' }).click();
      await row.getByText('2 sent').waitFor({ timeout: 15_000 });
      expect(groups().at(-1)).toBe('2ขข2222');
      // The browser itself tells that nobody was signed in at first, and that the first test was refused.
      expect(faults.filter((fault) => !/401|422/.test(fault))).toEqual([]);

      await page.addInitScript(() => {
        localStorage.setItem('lpr.locale', 'th');
      });
      await page.reload();
      await row.getByText('ทำงานปกติ').waitFor();
      await row.getByRole('button', { name: 'แก้ไข' }).click();
      await page.getByLabel('เครือข่ายภายใน').waitFor();
      expect(await clippedOn(page)).toEqual([]);
    } finally {
      await page.context().close();
    }
  },
);
