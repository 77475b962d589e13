import { randomUUID } from 'node:crypto';
import { errorCode, errorMessage, LprError } from '../errors.ts';
import type { DetectionSummary } from '../detections/detections.ts';
import type { Events } from '../events.ts';
import type { Fields } from '../fields.ts';
import type { HitPart } from '../message.ts';
import type { AlertNotice, Log } from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import { maskConfig, openConfig, sealConfig } from '../sealed-config.ts';
import type { SecretBox } from '../secrets.ts';
import type { AlertStore, Delivery } from './alert-store.ts';
import type { Alert, AlertCause, AlertChannel, Alerts } from './alerts.ts';

export interface AlertsDependencies {
  readonly store: AlertStore;
  readonly plugins: Plugins;
  readonly secrets: SecretBox;
  readonly events: Events;
  readonly log: Log;
  readonly publicUrl: string | null;
}

const POLL_MS = 1_000;
const AT_ONCE = 20;
const SEND_MS = 20_000;
const ATTEMPTS = 10;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 15 * 60_000;

export function createAlerts({ store, plugins, secrets, events, log, publicUrl }: AlertsDependencies): Alerts {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> | null = null;

  const pluginOf = (channel: Pick<AlertChannel, 'plugin'>) => {
    const plugin = plugins.find('alertChannel', channel.plugin);
    if (plugin !== null) return plugin;
    throw new LprError('channel_unknown', `There is no alert channel plugin "${channel.plugin}".`, {
      problems: [{ field: 'plugin', problem: 'is none that the hub knows' }],
    });
  };

  const masked = (channel: AlertChannel): AlertChannel => {
    const fields: Fields = plugins.find('alertChannel', channel.plugin)?.fields ?? {};
    return { ...channel, config: maskConfig(fields, channel.config) };
  };

  const send = async (channel: AlertChannel, notice: AlertNotice): Promise<void> => {
    const plugin = pluginOf(channel);
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(SEND_MS)]);
    const config = openConfig(plugin.fields, channel.config, channel.config, secrets);
    await plugin.send(notice, {
      ...{ config, log, signal, publicUrl, to: '', timeZone: 'UTC', attempt: 1 },
      pushKeys: { publicKey: '', privateKey: '' },
      pictureLink: () => null,
      forget: () => Promise.resolve(),
      picture: () => Promise.resolve(null),
      async request(url, { method = 'POST', headers, body } = {}) {
        const init = { method, signal, redirect: 'error' as const, ...(headers === undefined ? {} : { headers }) };
        const response = await fetch(url, { ...init, ...(body === undefined ? {} : { body: body as BodyInit }) }).catch(
          (error: unknown) => {
            const { host } = new URL(url);
            throw new LprError('channel_refused', `${host} cannot be reached: check address and network.`, {}, error);
          },
        );
        return { status: response.status, headers: response.headers, text: await response.text() };
      },
      assertMayReach: (host) => Promise.resolve(host),
    });
  };

  const noticeOf = (alert: Alert): AlertNotice => ({
    ...{ deliveryId: alert.alertId, kind: 'alert', language: 'en', capturedAt: null, province: null },
    ...{ latitude: null, longitude: null, frame: null, patch: null, acknowledgeLink: null, hit: null, geofence: null },
    alertId: alert.alertId,
    title: alert.title,
    text: `${alert.plateNumber} · ${alert.cameraName}`,
    raisedAt: alert.raisedAt.toISOString(),
    detectionId: alert.detectionId,
    plateNumber: alert.plateNumber,
    issuingEntity: alert.issuingEntity,
    cameraName: alert.cameraName,
    category: alert.category,
    priority: alert.priority,
    link: publicUrl === null ? null : `${publicUrl}/detections/${alert.detectionId}`,
  });

  const deliver = async ({ alert, channel, attempts }: Delivery): Promise<void> => {
    try {
      await send(channel, noticeOf(alert));
      await store.delivered(alert.alertId, channel.channelId);
    } catch (error) {
      const isLast = attempts >= ATTEMPTS;
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempts - 1)) * (0.75 + Math.random() / 2);
      const fields = { alertId: alert.alertId, channelId: channel.channelId, code: errorCode(error), attempts };
      log.warn({ ...fields, err: errorMessage(error) }, isLast ? 'an alert was given up' : 'an alert was not taken');
      const next = isLast ? null : new Date(Date.now() + wait);
      await store.failed(alert.alertId, channel.channelId, errorMessage(error), next);
    }
  };

  const work = (): void => {
    if (working !== null || stopping.signal.aborted) return;
    working = store
      .takeDeliveries(AT_ONCE, (SEND_MS / 1000) * 2)
      .then(async (deliveries) => {
        await Promise.all(deliveries.map(deliver));
      })
      .catch((error: unknown) => {
        log.error({ err: errorMessage(error) }, 'the alert outbox could not be read; trying again');
      })
      .finally(() => {
        working = null;
      });
  };

  const raise = async (
    hit: HitPart,
    detection: Pick<DetectionSummary, 'detectionId' | 'cameraId' | 'plateNumber' | 'issuingEntity'>,
    cause: AlertCause,
    channelId: string | null,
  ): Promise<Alert> => {
    const { detectionId, cameraId, plateNumber, issuingEntity } = detection;
    const { alert, isNew } = await store.raise(
      {
        ...{ alertId: randomUUID(), hitId: hit.hitId, detectionId, cameraId, plateNumber, issuingEntity, cause },
        ...{ title: hit.blacklistName, category: hit.category, priority: hit.priority },
      },
      channelId,
    );
    // What happened long ago is listed and rings nowhere.
    if (isNew && cause !== 'late') events.emit('alert.raised', alert);
    if (isNew) work();
    return alert;
  };

  return {
    async raise({ lpr: { hit, detection, cameraId, isLate } }, { channelId }) {
      if (detection === undefined) {
        throw new LprError('message_incomplete', 'The message has a hit but lost its detection: keep msg.lpr whole.');
      }
      const to = channelId === '' || isLate ? null : channelId;
      return raise(hit, { ...detection, cameraId }, isLate ? 'late' : 'live', to);
    },
    raiseFor: (hit, detection) => raise(hit, detection, 'correction', null),
    async retract(hitIds) {
      if (hitIds.length === 0) return;
      for (const alert of await store.retract(hitIds)) events.emit('alert.retracted', alert);
    },
    list: ({ open, limit }) => store.list(open, limit),
    countOpen: () => store.countOpen(),
    async acknowledge(alertId, userId) {
      const alert = await store.acknowledge(alertId, userId);
      if (alert === null) throw new LprError('not_found', 'There is no such alert.');
      events.emit('alert.acknowledged', alert);
      return alert;
    },
    channels: async () => (await store.channels()).map(masked),
    async createChannel(input) {
      const config = sealConfig(pluginOf(input).fields, input.config, {}, secrets);
      return masked(await store.addChannel({ ...input, config, channelId: randomUUID() }));
    },
    async removeChannel(channelId) {
      if (!(await store.removeChannel(channelId))) throw new LprError('not_found', 'There is no such channel.');
    },
    async testChannel(channelId) {
      const channel = (await store.channels()).find((one) => one.channelId === channelId);
      if (channel === undefined) throw new LprError('not_found', 'There is no such channel.');
      await send(channel, {
        ...{ deliveryId: randomUUID(), kind: 'test', language: 'en', capturedAt: null, province: null },
        ...{
          latitude: null,
          longitude: null,
          frame: null,
          patch: null,
          acknowledgeLink: null,
          hit: null,
          geofence: null,
        },
        alertId: randomUUID(),
        title: 'Test',
        text: 'This is a test of LPR Hub. ทดสอบการแจ้งเตือน',
        raisedAt: new Date().toISOString(),
        detectionId: null,
        plateNumber: null,
        issuingEntity: null,
        cameraName: null,
        category: null,
        priority: 0,
        link: publicUrl,
      });
    },
    start() {
      timer = setInterval(work, POLL_MS);
      timer.unref();
      work();
      return Promise.resolve();
    },
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await working;
    },
  };
}
