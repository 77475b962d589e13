import { randomUUID } from 'node:crypto';
import type { Blacklists } from '../blacklists/blacklists.ts';
import type { Calendars } from '../calendars/calendars.ts';
import type { Cameras } from '../cameras/cameras.ts';
import type { DetectionSummary } from '../detections/detections.ts';
import { errorCode, errorMessage, LprError } from '../errors.ts';
import type { Events } from '../events.ts';
import type { SharedPictures } from '../images/shared-pictures.ts';
import type { Jobs } from '../jobs.ts';
import { keepFresh } from '../kept-fresh.ts';
import type { News } from '../news.ts';
import { likePattern } from '../plates/plates.ts';
import type { Geofences } from '../places/geofences.ts';
import type { Log } from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import type { SecretBox } from '../secrets.ts';
import { wallOf } from '../site-day.ts';
import type { AlertFacts } from './alert-facts.ts';
import { decodeCursor, encodeCursor } from './alert-pages.ts';
import type { AlertStore, Delivery, DeliveryStore, NewDelivery, RuleStore } from './alert-store.ts';
import type { Alert, AlertHelpers, Alerts } from './alerts.ts';
import { cameraMatters } from './camera-troubles.ts';
import { createSender } from './channel-sender.ts';
import type { DeliveryOrder, StoredChannel } from './channels.ts';
import { createAddresses, createChannels } from './create-channels.ts';
import { createRules, type RulesDependencies } from './create-rules.ts';
import { doEach } from './do-each.ts';
import { PATIENCE, type Patience } from './delivery-lane.ts';
import { factsOf, messageOf, noticeOf } from './notice.ts';
import { createOutbox } from './outbox.ts';
import type { Push } from './push.ts';
import { createRecovery } from './recovery.ts';
import { createRaising, type AlertEvent, type Hold } from './raising.ts';
import { createRuleBook } from './rule-book.ts';
import { createRuleTitles } from './rule-title.ts';
import type { RenderedNotice, Templates } from './templates.ts';

export interface AlertsDependencies {
  readonly store: AlertStore;
  readonly rules: RuleStore;
  readonly deliveries: DeliveryStore;
  readonly plugins: Plugins;
  readonly secrets: SecretBox;
  readonly events: Events;
  readonly news: News;
  readonly jobs: Pick<Jobs, 'work' | 'every' | 'send'>;
  readonly cameras: Pick<Cameras, 'list' | 'zones'>;
  readonly calendars: Pick<Calendars, 'includes' | 'timeZone' | 'addUser'>;
  readonly blacklists: Pick<Blacklists, 'match' | 'considered' | 'pendingHits'>;
  readonly geofences: Pick<Geofences, 'observe'>;
  readonly detections: {
    summary(detectionId: string): Promise<DetectionSummary | null>;
    /** Recorded within so long before the last one that was recorded, at most `limit`. */
    lastRecorded(withinMs: number, limit: number): Promise<readonly DetectionSummary[]>;
    page: RulesDependencies['detections'];
  };
  readonly templates: Pick<Templates, 'render' | 'line' | 'faults'>;
  readonly pictures: Pick<SharedPictures, 'jpeg' | 'link'>;
  readonly push: Pick<Push, 'keys' | 'addresses' | 'forget'>;
  readonly log: Log;
  readonly publicUrl: string | null;
  readonly siteLanguage: () => Promise<'th' | 'en'>;
  readonly patience?: Partial<Patience>;
  /** A channel may take so long; default 20 s. */
  readonly sendMs?: number;
  readonly now?: () => Date;
}

const DIGEST_ITEMS = 50;
const NOTE_MS = 500;
const CONFIRM = 'alerts.confirm';
const SWEEP = 'alerts.sweep';

export function createAlerts(dependencies: AlertsDependencies): Alerts {
  const {
    store,
    rules: ruleStore,
    deliveries,
    plugins,
    secrets,
    events,
    news,
    jobs,
    cameras,
    calendars,
  } = dependencies;
  const {
    blacklists,
    geofences,
    detections,
    templates,
    pictures,
    push,
    log,
    publicUrl,
    siteLanguage,
    now = () => new Date(),
  } = dependencies;
  const { patience: ownPatience = {}, sendMs } = dependencies;
  let helpers: Partial<AlertHelpers> = {};
  /** Whether the flow has an alert step, as far as this process knows. */
  let isAsked = false;
  const origin = randomUUID();
  const timeZone = (): string => calendars.timeZone();
  const pushAddresses = (): Promise<readonly string[]> => push.addresses(null, false);
  const { addressesOf } = createAddresses(secrets, pushAddresses);
  const day = (): string => new Date(wallOf(timeZone(), now())).toISOString().slice(0, 10);

  const words = (facts: AlertFacts, plugin: string, language: 'th' | 'en'): RenderedNotice =>
    templates.render(facts, { plugin, language });

  const sender = createSender({
    ...{ plugins, secrets, pictures, push, log, publicUrl, ...(sendMs === undefined ? {} : { sendMs }) },
    siteZone: () => Promise.resolve(timeZone()),
  });

  const factsFor = async (
    delivery: Pick<Delivery, 'deliveryId' | 'alertId' | 'kind' | 'key'>,
  ): Promise<{ facts: AlertFacts; hit: Parameters<typeof noticeOf>[4] }> => {
    const { deliveryId, alertId, kind } = delivery;
    const gathered = kind === 'digest' ? await deliveries.digest(deliveryId, DIGEST_ITEMS) : null;
    const records = await store.records([...new Set([alertId, ...(gathered?.alertIds ?? [])])]);
    const record = records.find(({ alert }) => alert.alertId === alertId);
    if (record === undefined) throw new LprError('channel_rejected', 'The alert is not there any more.');
    if (gathered?.count === 0) throw new LprError('channel_rejected', 'Every alert of the digest was taken back.');
    const common = { publicUrl, acknowledgeLink: null, now: now() };
    const items = (gathered?.alertIds ?? []).flatMap((id) => {
      const one = records.find(({ alert }) => alert.alertId === id);
      return one === undefined ? [] : [factsOf(one, { ...common, kind: 'alert' })];
    });
    const acknowledgeLink =
      kind === 'alert' || kind === 'escalation'
        ? ((await helpers.acknowledgeLink?.(alertId, deliveryId)) ?? null)
        : null;
    const { hit } = record;
    const { ruleId, ruleName } = record.alert;
    const ofRule = delivery.key.endsWith(ruleId ?? '') && ruleId !== null;
    const used = ofRule ? (book.rule(ruleId)?.rule.budgetPerDay ?? null) : book.budgetPerDay();
    const count = kind === 'budget' ? used : (gathered?.count ?? null);
    return {
      facts: {
        ...factsOf(record, { ...common, kind, acknowledgeLink, items, count }),
        ruleName: kind === 'budget' && !ofRule ? null : ruleName,
      },
      hit: { hit, geofence: record.geofence },
    };
  };

  const send = async (channel: StoredChannel, delivery: Delivery, signal: AbortSignal): Promise<void> => {
    const { deliveryId, address, attempts } = delivery;
    const spoken = delivery.language ?? channel.language ?? language;
    const { facts, hit } = await factsFor(delivery);
    const notice = noticeOf(deliveryId, spoken, facts, words(facts, channel.plugin, spoken), hit);
    await sender.send(channel, notice, { to: address, attempt: attempts, signal });
  };

  const outbox = createOutbox({
    ...{ store: deliveries, news, log, addressesOf, send, patience: { ...PATIENCE, ...ownPatience } },
    plugin: (id) => plugins.find('alertChannel', id),
  });

  const book = createRuleBook({
    ...{ rules: ruleStore, settings: () => store.settings(), cameras, calendars, news, events, log },
    summary: (detectionId) => detections.summary(detectionId),
  });

  /** Those whom these channels tell by themselves; of an address already named only that. */
  const ordersFor = async (
    orders: readonly DeliveryOrder[],
    hold: Hold,
    isCovert: () => boolean | Promise<boolean>,
  ): Promise<readonly NewDelivery[]> => {
    const made: NewDelivery[] = [];
    for (const order of orders) {
      if (order.address !== '') {
        made.push({ ...order, ...hold });
        continue;
      }
      const open = outbox.open(order.channelId);
      if (open === null) continue;
      const isPush = plugins.find('alertChannel', open.channel.plugin)?.address === 'push';
      const own = isPush ? await push.addresses(null, await isCovert()) : open.addresses;
      for (const address of own) made.push({ ...order, ...hold, address });
    }
    return made;
  };
  const plain = (channelId: string): DeliveryOrder => ({
    ...{ channelId, kind: 'alert', address: '', person: null, language: null, key: '' },
  });

  /** In this process and in the others, whose browsers want to know too. */
  const tell = (event: AlertEvent, alert: Alert): void => {
    events.emit(event, alert);
    news.tell('alerts', `${origin} ${event} ${alert.alertId}`).catch((error: unknown) => {
      log.warn({ alertId: alert.alertId, err: errorMessage(error) }, 'other processes do not hear of an alert now');
    });
  };
  const heard = async (subject: string): Promise<void> => {
    const [from, event, alertId = ''] = subject.split(' ');
    if (from === origin || alertId === '') return;
    const detail = await store.get(alertId);
    if (detail !== null) events.emit(event as AlertEvent, detail);
  };

  const escalate = async (alertId: string, escalationId: string): Promise<void> => {
    if (helpers.escalate === undefined) return;
    await helpers.escalate(alertId, escalationId);
    await store.begun(alertId);
  };

  let language: 'th' | 'en' = 'th';
  const site = keepFresh({
    what: 'the language of the site',
    topics: ['site'],
    ...{ news, log, load: siteLanguage },
    apply(loaded) {
      language = loaded;
    },
  });
  const titles = createRuleTitles(templates, {
    language: () => language,
    cameraName: (cameraId) => book.cameraName(cameraId),
  });

  /** By a rule: the alert stands, whatever becomes of this. What could not be begun is tried again by the sweep. */
  const beginEscalation = async (alertId: string, escalationId: string): Promise<void> => {
    try {
      await escalate(alertId, escalationId);
    } catch (error) {
      log.warn({ alertId, escalationId, err: errorMessage(error) }, 'an escalation could not be begun');
      // It was removed under the rule: there is nobody to tell.
      if (errorCode(error) === 'not_found') await store.begun(alertId);
    }
  };

  const raising = createRaising({
    ...{ store, titles, book, tell, timeZone, now, escalate: beginEscalation },
    orders: (channelIds, hold, isCovert) => ordersFor(channelIds.map(plain), hold, () => isCovert),
    wake: (channelIds) => {
      outbox.wake(channelIds);
    },
    summary: (detectionId) => detections.summary(detectionId),
    // One look a second for whatever is due, so that a busy hour does not queue up.
    confirmLater(at) {
      const second = new Date(Math.ceil(at.getTime() / 1000) * 1000);
      return jobs.send(CONFIRM, {}, { at: second, key: second.toISOString() });
    },
    geofenceEvents: (detection) => geofences.observe(messageOf(detection), ''),
  });

  const releaseHeld = async (): Promise<void> => {
    for (const group of await deliveries.heldGroups()) {
      const calendarId = group.ruleId === null ? null : book.quietCalendarOf(group.ruleId);
      const isOver = group.heldBy === 'digest' ? group.isDue : calendarId === null || !book.includes(calendarId, now());
      if (!isOver) continue;
      await deliveries.release(group);
      outbox.wake([group.channelId]);
    }
  };
  const confirmDue = async (): Promise<void> => {
    await doEach(await store.unsettledIds(now()), (alertId) => raising.confirm(alertId));
  };
  const watchCameras = async (): Promise<void> => {
    if (!book.watchesCameras()) return;
    for (const matter of cameraMatters(await cameras.list(), day(), now())) await raising.raiseMatter(matter);
  };

  const recovery = createRecovery({
    ...{ blacklists, geofences, detections, log, now },
    consider: (message) => alerts.consider(message),
  });

  /** Together, so that a busy list costs one statement more and not one for each hit. What is not noted is looked at again. */
  let considered: string[] = [];
  let noting: NodeJS.Timeout | undefined;
  const noteNow = async (): Promise<void> => {
    noting = undefined;
    const hitIds = considered;
    considered = [];
    if (hitIds.length > 0) await blacklists.considered(hitIds);
  };
  const noteConsidered = (hitId: string): void => {
    considered.push(hitId);
    noting ??= setTimeout(() => {
      noteNow().catch((error: unknown) => {
        log.warn({ err: errorMessage(error) }, 'hits that alerts were raised of are looked at once more');
      });
    }, NOTE_MS).unref();
  };

  const found = <T>(thing: T | null): T => {
    if (thing === null) throw new LprError('not_found', 'There is no such alert.');
    return thing;
  };

  const alerts: Alerts = {
    rules: createRules({
      ...{ store: ruleStore, book, titles, detections: (...page) => detections.page(...page), now },
      calendarExists(calendarId) {
        try {
          calendars.includes(calendarId, now());
          return true;
        } catch {
          return false;
        }
      },
    }),
    channels: createChannels({
      ...{ store: deliveries, plugins, secrets, sender, outbox, publicUrl, siteLanguage, words, pushAddresses },
    }),
    lend(more) {
      helpers = { ...helpers, ...more };
    },
    escalate,
    async consider(message) {
      isAsked = true;
      const parts = await raising.consider(message);
      if (message.lpr.hit !== undefined) noteConsidered(message.lpr.hit.hitId);
      return parts;
    },
    raise: (message, options) => raising.raise(message, options),
    async deliver(alertId, channelId) {
      await alerts.order(alertId, [plain(channelId)]);
    },
    async order(alertId, orders) {
      const isCovert = async (): Promise<boolean> => (await store.get(alertId))?.list?.isCovert === true;
      const made = await ordersFor(orders, { heldBy: null, heldSeconds: null }, isCovert);
      if (!(await deliveries.order(alertId, made))) found(null);
      outbox.wake(orders.map(({ channelId }) => channelId));
    },
    reconsider: (detection, options) => raising.reconsider(detection, options),
    retract: (...gone) => raising.retract(...gone),
    async list({ cursor, plate, ...query }) {
      const pattern = plate === null ? null : likePattern(plate);
      const after = cursor === null ? null : decodeCursor(cursor);
      const items = await store.list({ ...query, pattern, after, limit: query.limit + 1 });
      const shown = items.slice(0, query.limit);
      const last = shown.at(-1);
      const hasMore = items.length > shown.length && last !== undefined;
      return { items: shown, nextCursor: hasMore ? encodeCursor({ at: last.raisedAt, id: last.alertId }) : null };
    },
    get: async (alertId) => found(await store.get(alertId)),
    async facts(alertId) {
      const [record] = await store.records([alertId]);
      return factsOf(found(record ?? null), { kind: 'alert', publicUrl, acknowledgeLink: null, now: now() });
    },
    async factsOf(alertId) {
      if (alertId !== null) return alerts.facts(alertId);
      const any = { category: null, cameraId: null, ruleId: null, detectionId: null, minPriority: null };
      const newest = { ...any, from: null, to: null, pattern: null, after: null, limit: 1, withCovert: false };
      const [alert] = await store.list({ ...newest, state: 'all' });
      return alert === undefined ? null : alerts.facts(alert.alertId);
    },
    counts: (withCovert = true) => store.counts(withCovert),
    countOpen: (withCovert = true) => store.countOpen(withCovert),
    settings: () => store.settings(),
    async changeSettings(change) {
      const settings = await store.changeSettings(change);
      await book.reload();
      return settings;
    },
    async announce(event, alertId) {
      const alert = await store.get(alertId);
      if (alert !== null) tell(event, alert);
    },
    async markEscalated(alertId, escalationId) {
      const alert = found(await store.escalated(alertId, escalationId));
      tell('alert.updated', alert);
      return alert;
    },
    confirm: (alertId) => raising.confirm(alertId),
    async sweep() {
      const steps = [
        ...[() => raising.followRetractions(), confirmDue, releaseHeld, () => raising.beginEscalations(), watchCameras],
        // A flow without an alert step leaves its hits alone, and so does this.
        ...(isAsked ? [() => recovery.considerPending()] : []),
      ];
      await doEach(steps, (step) => step());
    },
    recover: (options) => recovery.recover(options),
    async start() {
      calendars.addUser((calendarId) => usesOf(calendarId));
      jobs.work(CONFIRM, () => confirmDue());
      jobs.every(SWEEP, '* * * * *', () => alerts.sweep());
      news.on('alerts', (subject) => {
        if (subject === null) return;
        heard(subject).catch((error: unknown) => {
          log.warn({ err: errorMessage(error) }, 'an alert of another process could not be shown');
        });
      });
      await site.start();
      await book.start();
      await outbox.start();
    },
    async stop() {
      site.stop();
      clearTimeout(noting);
      book.stop();
      await outbox.stop();
      await noteNow();
    },
  };

  const usesOf = async (calendarId: string): Promise<readonly { readonly what: 'rule'; readonly name: string }[]> =>
    (await ruleStore.all())
      .filter(
        ({ quietCalendarId, groups }) =>
          quietCalendarId === calendarId ||
          groups.some(({ conditions }) =>
            conditions.some((one) => one.kind === 'time' && one.calendarId === calendarId),
          ),
      )
      .map(({ name }) => ({ what: 'rule', name }));

  return alerts;
}
