import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromiumPath, openBrowser } from '../../test/browser.ts';
import { startTestHub, type TestHub } from '../../test/hub.ts';
import { testWith } from '../../test/required.ts';
import type { FlowNode } from './flow-check.ts';

const inBrowser = testWith(chromiumPath !== null, 'Chromium is not installed');

let hub: TestHub;
let browser: Browser;
let signedIn: BrowserContext;
beforeAll(async () => {
  if (chromiumPath === null) return;
  hub = await startTestHub();
  browser = await openBrowser();
  signedIn = await browser.newContext();
  const [name = '', value = ''] = hub.admin.cookie().split('=');
  await signedIn.addCookies([{ name, value, url: hub.url }]);
});
afterAll(async () => {
  if (chromiumPath === null) return;
  await browser.close();
  await hub.stop();
});

async function openEditor(language: string): Promise<Page> {
  const page = await signedIn.newPage();
  await page.addInitScript(
    ([chosen]) => {
      localStorage.setItem('lpr.locale', chosen ?? '');
    },
    [language],
  );
  await page.goto(`${hub.url}/editor/`);
  await page.locator('.red-ui-flow-node').first().waitFor();
  return page;
}
const palette = (page: Page): Promise<string[]> =>
  page.locator('#red-ui-palette-LPR .red-ui-palette-label').allInnerTexts();

inBrowser('the palette follows the flow, in the language that the console was set to', async () => {
  const english = await openEditor('en');
  expect((await palette(english)).slice(0, 4)).toEqual(['camera in', 'locate', 'read', 'quality']);
  await english.close();
  const thai = await openEditor('th');
  expect((await palette(thai)).slice(0, 4)).toEqual(['กล้อง', 'หาป้าย', 'อ่านป้าย', 'คุณภาพ']);
  await thai.close();
});

inBrowser('labels name what was chosen, and forms offer the hub’s own things', async () => {
  const camera = {
    ...{ name: 'North gate', protocol: 'push', config: {}, enabled: true, checkpointId: null },
    ...{ latitude: null, longitude: null, heading: null },
  };
  const { body } = await hub.admin('POST', '/v1/cameras', camera);
  const { body: flows } = await hub.admin('GET', '/editor/flows');
  const chosen = (flows as FlowNode[]).map((node) =>
    node.type === 'lpr-camera-in' ? { ...node, camera: body.cameraId } : node,
  );
  expect((await hub.admin('POST', '/editor/flows', chosen)).status).toBe(204);

  const page = await openEditor('en');
  const node = page.locator('#default-camera');
  await node.getByText('camera in: North gate').waitFor();
  await node.dblclick();
  const select = page.locator('#node-input-camera');
  await select.locator('option', { hasText: 'North gate' }).waitFor({ state: 'attached' });
  expect(await select.inputValue()).toBe(body.cameraId);
  expect(await select.locator('option').allInnerTexts()).toEqual(expect.arrayContaining(['All cameras', 'North gate']));
  await page.close();
});

inBrowser('a tell node offers channels of its kind alone', async () => {
  const made: Record<string, string> = {};
  const mail = { host: 'mail.example.com', from: 'hub@example.com', to: 'anna@example.com' };
  for (const [name, plugin, config] of [
    ['Duty mail', 'email', mail],
    ['Centre', 'webhook', { url: 'https://centre.example.com/' }],
  ] as const) {
    const { status, body } = await hub.admin('POST', '/v1/alert-channels', { name, plugin, config, enabled: true });
    expect(status).toBe(201);
    made[plugin] = body.channelId;
  }
  const flows = (await hub.admin('GET', '/editor/flows')).body as FlowNode[];
  const tell = {
    id: 'tell',
    type: 'lpr-tell-email',
    z: flows[0]?.id,
    name: '',
    channel: made['email'],
    x: 200,
    y: 600,
  };
  expect((await hub.admin('POST', '/editor/flows', [...flows, { ...tell, wires: [[]] }])).status).toBe(204);

  const page = await openEditor('en');
  const node = page.locator('#tell');
  await node.getByText('tell by e-mail: Duty mail').waitFor();
  await node.dblclick();
  const select = page.locator('#node-input-channel');
  await select.locator('option', { hasText: 'Duty mail' }).waitFor({ state: 'attached' });
  expect(await select.locator('option').allInnerTexts()).toEqual(['Choose one', 'Duty mail']);
  await page.close();
});

inBrowser('Import shows the examples by their names, and one goes onto a tab as it is', async () => {
  const page = await openEditor('th');
  await page.keyboard.press('Control+i');
  await page.getByRole('link', { name: 'Examples' }).click();
  await page.locator('.red-ui-treeList-label:visible', { hasText: 'lpr-hub' }).click();
  await page.locator('.red-ui-treeList-label:visible', { hasText: 'Tell by LINE · แจ้งทาง LINE' }).click();
  await page.getByText('new flow', { exact: true }).click();
  await page.locator('#red-ui-clipboard-dialog-ok').click();
  await page.locator('text.red-ui-flow-group-label', { hasText: 'Tell by LINE' }).waitFor();
  expect(await page.locator('.red-ui-flow-node', { hasText: 'แจ้งทาง LINE' }).count()).toBe(1);
  await page.close();
});

inBrowser('a refused deploy says why and leads to the node', async () => {
  const page = await openEditor('en');
  await page.locator('#default-quality').click();
  await page.keyboard.press('Delete');
  await page.locator('#red-ui-header-button-deploy').click();
  const refusal = page.locator('.red-ui-notification', { hasText: 'Not deployed, because this flow cannot work' });
  await refusal.waitFor();
  expect(await refusal.innerText()).toContain('leads to no record or discard node');
  await refusal.getByRole('link', { name: 'lpr-camera-in (default-camera)' }).click();
  await page
    .locator('#default-camera.red-ui-flow-node-highlighted, #default-camera .red-ui-flow-node-highlighted')
    .first()
    .waitFor({ state: 'attached' });
  await page.close();
});

inBrowser('somebody who is not signed in is asked to, and comes back to the editor', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${hub.url}/editor/`);
  expect(new URL(page.url()).pathname).toBe('/sign-in');
  await context.close();
});
