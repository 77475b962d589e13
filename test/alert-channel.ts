/** A notice as alert channels are given it, and a context over real HTTP to a stand-in. */
import { createECDH, randomUUID } from 'node:crypto';
import { parseConfig, type Fields } from '../core/fields.ts';
import { LprError } from '../core/errors.ts';
import type { AlertChannelContext, AlertChannelPlugin, AlertNotice } from '../core/plugins/define.ts';
import { quietLog } from './quiet-log.ts';

export const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 0xff, 0xd9]);

export const noticeOf = (more: Partial<AlertNotice> = {}): AlertNotice => ({
  ...{ deliveryId: randomUUID(), alertId: '00000000-0000-7000-8000-0000000000a1', kind: 'alert', language: 'th' },
  ...{ title: 'รถหาย: 1กก 1234 กรุงเทพมหานคร', text: 'พบที่ด่านเหนือ <b>ช่องทาง 2</b> & "รีบ"' },
  ...{ raisedAt: '2026-11-23T08:15:31.000Z', capturedAt: '2026-11-23T08:15:30.250Z' },
  ...{ detectionId: '00000000-0000-7000-8000-0000000000d1', plateNumber: '1กก1234', issuingEntity: 'TH-10' },
  ...{ province: 'กรุงเทพมหานคร', cameraName: 'ด่านเหนือ', latitude: 13.75, longitude: 100.5, category: 'stolen' },
  ...{ priority: 90, hit: null, geofence: null },
  frame: { imageId: 'frame', width: 1280, height: 720 },
  patch: { imageId: 'patch', width: 240, height: 120 },
  link: 'https://lpr.example.org/detections/00000000-0000-7000-8000-0000000000d1',
  acknowledgeLink: 'https://lpr.example.org/acknowledge/token',
  ...more,
});

const pair = createECDH('prime256v1');
pair.generateKeys();
export const PUSH_KEYS = {
  publicKey: pair.getPublicKey('base64url'),
  privateKey: pair.getPrivateKey('base64url'),
};

/** @param standIns what stands in for an origin, by origin */
export function channelContext<F extends Fields>(
  plugin: AlertChannelPlugin<F>,
  config: Readonly<Record<string, unknown>>,
  more: Partial<AlertChannelContext<F>> = {},
  standIns: Readonly<Record<string, string>> = {},
): AlertChannelContext<F> {
  const signal = more.signal ?? AbortSignal.timeout(20_000);
  return {
    ...{ config: parseConfig(plugin.fields, config), log: quietLog, to: '', timeZone: 'Asia/Bangkok', attempt: 1 },
    ...{ publicUrl: 'https://lpr.example.org', pushKeys: PUSH_KEYS },
    picture: (imageId) => Promise.resolve(imageId === 'gone' ? null : JPEG),
    pictureLink: (imageId) => `https://lpr.example.org/shared/${imageId}`,
    async request(url, { method = 'POST', headers, body } = {}) {
      const { origin } = new URL(url);
      const standIn = standIns[origin];
      const target = standIn === undefined ? url : url.replace(origin, new URL(standIn).origin);
      const init = { method, signal, redirect: 'manual' as const, ...(headers === undefined ? {} : { headers }) };
      const answer = await fetch(target, { ...init, ...(body === undefined ? {} : { body: body as BodyInit }) }).catch(
        (error: unknown) => {
          throw new LprError('channel_refused', 'not reached', {}, error);
        },
      );
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    },
    assertMayReach: (host) => Promise.resolve(host === 'localhost' ? '127.0.0.1' : host),
    forget: () => Promise.resolve(),
    ...more,
    signal,
  };
}
