import { afterEach, describe, expect, test } from '@jest/globals';
import { openFakeApi, type FakeApi } from '../../test/fake-api.ts';
import { createFakeHub } from '../../test/fake-hub.ts';
import type { Acknowledgement, Acknowledgements, LinkedAlert, Outcome } from '../alerts/acknowledgements.ts';

const TOKEN = 'a'.repeat(43);
const AT = new Date('2026-11-26T01:15:30Z');
const linked: LinkedAlert = {
  ...{ alertId: '00000000-0000-4000-8000-000000000009', deliveryId: '00000000-0000-4000-8000-000000000010' },
  ...{
    told: 'Somchai <b>',
    language: 'th',
    title: 'รถหาย <img src=x>',
    maskedPlate: '1••••34',
    cameraName: 'Gate "1"',
  },
  ...{ at: AT, isRetracted: false, acknowledgement: null, state: 'open' },
};
const acknowledgement: Acknowledgement = {
  ...{ alertId: linked.alertId, at: AT, by: 'Anna', userId: null, how: 'console', outcome: null, note: '' },
  ...{ judgedAt: null, judgedBy: null, undoneAt: null, undoneBy: null },
};

let api: FakeApi;
const followed: (Outcome | null)[] = [];
async function open(known: LinkedAlert | null, more: Partial<Acknowledgements> = {}): Promise<string> {
  followed.length = 0;
  const acknowledgements: Acknowledgements = {
    ...createFakeHub().acknowledgements,
    look: (token) => Promise.resolve(token === TOKEN ? known : null),
    follow(token, outcome) {
      if (token !== TOKEN || known?.state !== 'open' || known.isRetracted || known.acknowledgement !== null) {
        return Promise.resolve(null);
      }
      followed.push(outcome);
      return Promise.resolve({ linked: { ...known, state: 'used', acknowledgement }, isFirst: true });
    },
    ...more,
  };
  api = await openFakeApi({ acknowledgements });
  return `${api.url}/ack/${TOKEN}`;
}
afterEach(() => api.close());

const press = (url: string, body: string): Promise<Response> =>
  fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });

describe('the page behind a link', () => {
  test('opening it changes nothing, whoever opens it', async () => {
    const url = await open(linked);
    for (const method of ['GET', 'HEAD', 'GET', 'OPTIONS']) await fetch(url, { method });
    await fetch(url, { headers: { 'user-agent': 'LINE-preview', purpose: 'prefetch' } });
    expect(followed).toEqual([]);
    expect(api.hub.audited).toEqual([]);
  });

  test('shows little, in both languages, and nothing of it is markup', async () => {
    const response = await fetch(await open(linked));
    const html = await response.text();
    expect(response.status).toBe(200);
    for (const text of ['รถหาย &#60;img src=x&#62;', 'Somchai &#60;b&#62;', 'Gate &#34;1&#34;', '1••••34', '2569']) {
      expect(html).toContain(text);
    }
    expect(html).toContain('รับทราบ<small lang="en">I take it</small>');
    expect(html).not.toContain('1กก1234');
    for (const markup of ['<img', '<script', 'href=', 'http:', 'https:']) expect(html).not.toContain(markup);
  });

  test('says nothing to anybody else: strict policy, no referrer, kept nowhere, found by nobody', async () => {
    const { headers } = await fetch(await open(linked));
    const policy = headers.get('content-security-policy');
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/);
    expect(policy).not.toContain('unsafe');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-robots-tag')).toContain('noindex');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('set-cookie')).toBeNull();
  });

  test.each([
    ['outcome=', null],
    ['outcome=recovered', 'recovered'],
    ['outcome=nonsense', null],
    ['', null],
  ])('a press of its button (%j) takes the alert, and the trail says who', async (body, outcome) => {
    const response = await press(await open(linked), body);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('Thank you');
    expect(followed).toEqual([outcome]);
    expect(api.hub.audited).toEqual(['alert.acknowledged']);
  });

  test.each<[string, LinkedAlert | null, number, string]>([
    ['a used one', { ...linked, state: 'used', acknowledgement }, 410, 'A link works once'],
    ['an expired one', { ...linked, state: 'expired' }, 410, 'expired'],
    ['one that somebody else was quicker to', { ...linked, acknowledgement }, 200, 'Anna has taken this alert'],
    ['one to an alert that was taken back', { ...linked, isRetracted: true }, 200, 'was taken back'],
    ['an unknown one', null, 404, 'not known'],
  ])('%s says so plainly and has no button', async (_what, known, status, words) => {
    const url = await open(known);
    for (const response of [await fetch(url), await press(url, 'outcome=correct')]) {
      const html = await response.text();
      expect([response.status, html.includes(words), html.includes('<button')]).toEqual([status, true, false]);
    }
    expect(followed).toEqual([]);
  });

  test('guessing is slowed down', async () => {
    const url = await open(linked);
    const guesses = await Promise.all(
      Array.from({ length: 25 }, (_, i) => press(url.replace(TOKEN, String(i).padStart(43, 'b')), '')),
    );
    expect(guesses.map(({ status }) => status).filter((status) => status === 429)).toHaveLength(5);
  });

  test('trouble is told in words as well', async () => {
    const response = await fetch(await open(linked, { look: () => Promise.reject(new Error('down')) }));
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('Something went wrong')]);
  });
});
