/** Against a stand-in for a camera, made after the ONVIF Core specification: no real camera was at hand. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ACCOUNT, contextOf, startStandIn, take, type Asked, type StandIn } from '../../test/camera-stand-in.ts';
import { readSample } from '../../test/device-samples.ts';
import { NOTHING_SEEN } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';
import { securityHeader } from './soap.ts';

let camera: StandIn;
let controller: AbortController;
beforeEach(() => {
  controller = new AbortController();
});
afterEach(async () => {
  controller.abort();
  await camera.close();
});

const soap = (body: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>${body}</s:Body></s:Envelope>`;
const fault = (code: string, text: string): string =>
  soap(
    `<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>${code}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">${text}</s:Text></s:Reason></s:Fault>`,
  );
const actionOf = ({ body }: Asked): string => /<a:Action>[^<]*\/(\w+?)(?:Request)?<\/a:Action>/.exec(body)?.[1] ?? '';

/** Its clock is an hour ahead. */
const AHEAD_MS = 3_600_000;

function isSigned({ body }: Asked): boolean {
  const said = (name: string): string => new RegExp(`<(?:wsse|wsu):${name}(?: [^>]*)?>([^<]*)<`).exec(body)?.[1] ?? '';
  const created = said('Created');
  const digest = createHash('sha1')
    .update(Buffer.from(said('Nonce'), 'base64'))
    .update(created)
    .update(ACCOUNT.password)
    .digest('base64');
  const isNear = Math.abs(Date.parse(created) - Date.now() - AHEAD_MS) < 5_000;
  return said('Username') === ACCOUNT.username && said('Password') === digest && isNear;
}

interface Ways {
  readonly refusesFilter?: boolean;
  readonly answers: readonly string[];
}

async function start({ refusesFilter = false, answers }: Ways): Promise<void> {
  let pulled = 0;
  camera = await startStandIn(
    (asked: Asked, res: ServerResponse) => {
      const send = (body: string, status = 200): void =>
        void res.writeHead(status, { 'content-type': 'application/soap+xml' }).end(body);
      const action = actionOf(asked);
      if (asked.method === 'GET') res.writeHead(200, { 'content-type': 'image/jpeg' }).end(`picture of ${asked.url}`);
      else if (action === 'GetSystemDateAndTime') {
        const at = new Date(Date.now() + AHEAD_MS);
        send(
          soap(
            `<GetSystemDateAndTimeResponse><SystemDateAndTime><UTCDateTime><Time><Hour>${at.getUTCHours()}</Hour><Minute>${at.getUTCMinutes()}</Minute><Second>${at.getUTCSeconds()}</Second></Time>` +
              `<Date><Year>${at.getUTCFullYear()}</Year><Month>${at.getUTCMonth() + 1}</Month><Day>${at.getUTCDate()}</Day></Date></UTCDateTime></SystemDateAndTime></GetSystemDateAndTimeResponse>`,
          ),
        );
      } else if (!isSigned(asked)) send(fault('ter:NotAuthorized', 'Sender not Authorized'), 400);
      else if (action === 'GetCapabilities') {
        // Cameras name the address of their own network.
        send(
          soap(
            '<GetCapabilitiesResponse><Capabilities><Events><XAddr>http://192.168.1.64/onvif/Events</XAddr></Events></Capabilities></GetCapabilitiesResponse>',
          ),
        );
      } else if (action === 'CreatePullPointSubscription') {
        if (refusesFilter && asked.body.includes('TopicExpression'))
          send(fault('ter:InvalidFilterFault', 'Invalid filter'), 400);
        else
          send(
            soap(
              '<CreatePullPointSubscriptionResponse><SubscriptionReference><Address>http://192.168.1.64/onvif/Subscription?Idx=7</Address></SubscriptionReference></CreatePullPointSubscriptionResponse>',
            ),
          );
      } else if (action === 'PullMessages') {
        const answer = answers[pulled++];
        // It holds its answer back until something happens.
        if (answer !== undefined) send(answer);
      } else send(fault('ter:ActionNotSupported', 'Optional Action Not Implemented'), 500);
    },
    { digest: false },
  );
}

const EMPTY = soap('<PullMessagesResponse><CurrentTime>2026-11-26T05:00:00Z</CurrentTime></PullMessagesResponse>');

test('subscribes to plates, signed in by the camera’s own clock, and gives what the pull point answers', async () => {
  const { message } = await readSample(join(import.meta.dirname, '../device-onvif'), 'pull');
  await start({ answers: [EMPTY, Buffer.from(message.body).toString()] });
  const context = await contextOf(plugin, { address: camera.address }, controller.signal);
  const items = await take(plugin.frames(context), 4);
  expect(items.map((item) => (item === NOTHING_SEEN ? null : item.reads[0]?.text))).toEqual([null, null, 'กข 99', '']);
  expect(camera.asked.map((asked) => [actionOf(asked), asked.url])).toEqual([
    ['GetSystemDateAndTime', '/onvif/device_service'],
    ['GetCapabilities', '/onvif/device_service'],
    ['CreatePullPointSubscription', '/onvif/Events'],
    ['PullMessages', '/onvif/Subscription?Idx=7'],
    ['PullMessages', '/onvif/Subscription?Idx=7'],
    ['', '/img/1.jpg?k=2'],
  ]);
  expect(Buffer.from(items[2]?.frame ?? []).toString()).toBe('picture of /img/1.jpg?k=2');
  expect(items[2]?.pull).toBeNull();
  expect(camera.asked[0]?.body).not.toContain('Security');
  expect(camera.asked[2]?.body).toContain('>tns1:RuleEngine/Recognition/LicensePlate<');
});

test('a camera that refuses the filter is asked without one', async () => {
  await start({ refusesFilter: true, answers: [EMPTY] });
  const context = await contextOf(plugin, { address: camera.address }, controller.signal);
  expect(await take(plugin.frames(context), 1)).toEqual([NOTHING_SEEN]);
});

test('a wrong password is named, on the test button too', async () => {
  await start({ answers: [] });
  const context = await contextOf(plugin, { address: camera.address, password: 'wrong' }, controller.signal);
  await expect(plugin.test?.(context)).rejects.toThrow(
    /GetCapabilities \(Sender not Authorized\): check user name and password/,
  );
  const right = await contextOf(plugin, { address: camera.address }, controller.signal);
  expect(await plugin.test?.(right)).toBeNull();
});

test('what is no ONVIF camera is named', async () => {
  camera = await startStandIn((_asked, res) => void res.writeHead(404).end('nothing here'), { digest: false });
  const context = await contextOf(plugin, { address: camera.address }, controller.signal);
  await expect(take(plugin.frames(context), 1)).rejects.toThrow(/is this an ONVIF camera/);
});

test('the digest of the UsernameToken profile’s form', () => {
  const header = securityHeader('user<', 'pass', new Date('2026-11-26T05:00:00Z'), Buffer.from('0123456789abcdef'));
  const digest = createHash('sha1').update('0123456789abcdef2026-11-26T05:00:00.000Zpass').digest('base64');
  expect(header).toContain(`#PasswordDigest">${digest}<`);
  expect(header).toContain('<wsse:Username>user&lt;<');
});
