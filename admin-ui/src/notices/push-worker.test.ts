/** The worker in a real browser; the browser itself hands it the messages, as after a push. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { chromiumPath, openBrowser } from '../../../test/browser.ts';
import { testWith } from '../../../test/required.ts';

const inBrowser = testWith(chromiumPath !== null, 'no Chromium: apt-get install chromium');
let server: Server;
let browser: Browser;
let page: Page;
let origin: string;

beforeAll(async () => {
  if (chromiumPath === null) return;
  const worker = await readFile(join(import.meta.dirname, '../../public/push-worker.js'));
  server = createServer((req, res) => {
    const isWorker = req.url === '/push-worker.js';
    res.writeHead(200, { 'content-type': isWorker ? 'text/javascript' : 'text/html' });
    res.end(isWorker ? worker : '<!doctype html><title>x</title>');
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await openBrowser();
  const context = await browser.newContext();
  await context.grantPermissions(['notifications'], { origin });
  page = await context.newPage();
  await page.goto(origin);
});
afterAll(async () => {
  if (chromiumPath === null) return;
  await browser.close();
  server.close();
});

interface Shown {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly requireInteraction: boolean;
  readonly data: unknown;
}

inBrowser('shows what the hub sent, what comes later of the same alert in its place, and never nothing', async () => {
  const session = await page.context().newCDPSession(page);
  const registered = new Promise<string>((done) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [first] = registrations;
      if (first !== undefined) done(first.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/push-worker.js');
    await navigator.serviceWorker.ready;
  });
  const registrationId = await registered;
  const push = (data: string): Promise<unknown> =>
    session.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data });
  const shown = (): Promise<Shown[]> =>
    page.evaluate(async () => {
      const all = await (await navigator.serviceWorker.ready).getNotifications();
      return all.map(({ title, body, tag, requireInteraction, data }) => ({
        ...{ title, body, tag, requireInteraction, data: data as unknown },
      }));
    });
  const until = async (is: (all: Shown[]) => boolean): Promise<Shown[]> => {
    for (let i = 0; i < 100 && !is(await shown()); i++) await page.waitForTimeout(50);
    return shown();
  };

  const link = 'https://lpr.example.org/detections/d1';
  const notice = { alertId: 'a1', title: 'รถหาย: 1กก 1234', text: 'ด่านเหนือ', language: 'th', isUrgent: true, link };
  await push(JSON.stringify({ ...notice, acknowledgeLink: null, acknowledge: 'รับทราบ' }));
  expect(await until((all) => all.length === 1)).toMatchObject([
    { title: 'รถหาย: 1กก 1234', body: 'ด่านเหนือ', tag: 'a1', requireInteraction: true, data: { link } },
  ]);
  await push(JSON.stringify({ ...notice, title: 'ยกเลิก: 1กก 1234' }));
  expect((await until(([first]) => first?.title.startsWith('ยกเลิก') === true)).map(({ tag }) => tag)).toEqual(['a1']);
  await push('no json');
  expect((await until((all) => all.length === 2)).map(({ title }) => title).sort()).toContain('LPR Hub');
});
