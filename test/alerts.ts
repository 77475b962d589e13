/** Alerts on a real database, with the other rooms as little as they may be. */
import { v7 as uuidv7 } from 'uuid';
import { createAlerts, type AlertsDependencies } from '../core/alerts/create-alerts.ts';
import type { Alerts } from '../core/alerts/alerts.ts';
import { createTemplates } from '../core/alerts/create-templates.ts';
import type { DetectionFilter, Rule, RuleCondition, RuleInput } from '../core/alerts/rules.ts';
import { createNews } from '../core/db/news.ts';
import { createDeliveryStore } from '../core/db/stores/alert-delivery-store.ts';
import { createRuleStore } from '../core/db/stores/alert-rule-store.ts';
import { createAlertStore } from '../core/db/stores/alert-store.ts';
import { createDetectionStore } from '../core/db/stores/detection-store.ts';
import { detectionsForAlerts } from '../core/db/stores/detections-for-alerts.ts';
import { createTemplateStore } from '../core/db/stores/template-store.ts';
import { createEvents, type Events } from '../core/events.ts';
import type { DetectionPart, HitPart, LprMessage } from '../core/message.ts';
import type { Plugin } from '../core/plugins/define.ts';
import { createSecretBox } from '../core/secrets.ts';
import { aHit } from './blacklists.ts';
import type { TestDatabase } from './database.ts';
import { pluginsOf } from './fake-plugins.ts';
import { quietLog } from './quiet-log.ts';

export const CAMERA = '00000000-0000-7000-8000-000000000001';
/** Of every hub: any hit, shown in the console. */
export const EACH_HIT = '00000000-0000-7000-8000-000000000001';
export const ANY_HIT: RuleCondition = {
  ...{ kind: 'hit', blacklistIds: [], categories: [], matchedBy: [], minConfidence: null, minPriority: null },
};
export const ANY_DETECTION = {
  kind: 'detection' as const,
  filter: {
    ...{ plate: null, issuingEntity: null, countryCode: null, plateType: null, cameraId: null, status: null },
    ...{ minConfidence: null, isParked: null },
  } satisfies DetectionFilter as DetectionFilter,
};

const EACH: Pick<RuleInput, 'groups'> = { groups: [{ match: 'all', conditions: [ANY_HIT] }] };

export const aRule = (rule: Partial<RuleInput> = {}): RuleInput => ({
  ...EACH,
  ...{ name: 'Rule', enabled: true, match: 'all', title: '' },
  ...{ priority: null, channelIds: [], escalationId: null, confirmation: 'at_once', rearmSeconds: 0 },
  ...{ digestMinutes: null, quietCalendarId: null, urgentFrom: null, budgetPerDay: null },
  ...rule,
});

export interface TestAlerts {
  readonly alerts: Alerts;
  readonly events: Events;
  /** Names and titles of what was told in this process. */
  readonly told: string[];
  /** Jobs that were sent: queue and what for. */
  readonly sent: { readonly queue: string; readonly data: Readonly<Record<string, unknown>>; readonly at?: Date }[];
  /** Calendars that include the present. */
  readonly open: Set<string>;
  rule(rule?: Partial<RuleInput>): Promise<Rule>;
  stop(): Promise<void>;
}

export async function openAlerts(
  database: Pick<TestDatabase, 'pool' | 'transaction' | 'sequelize' | 'ping' | 'close'>,
  folder: string,
  plugins: readonly Plugin[],
  overrides: Partial<AlertsDependencies> = {},
): Promise<TestAlerts> {
  const events = createEvents((error) => {
    throw error;
  });
  const told: string[] = [];
  for (const name of ['alert.raised', 'alert.updated', 'alert.retracted', 'alert.acknowledged'] as const) {
    events.on(name, ({ title }) => told.push(`${name} ${title}`));
  }
  const news = createNews(database, quietLog);
  await news.start();
  const sent: { queue: string; data: Readonly<Record<string, unknown>>; at?: Date }[] = [];
  const open = new Set<string>();
  const all = pluginsOf(...plugins);
  const templates = createTemplates({
    store: createTemplateStore(database),
    ...{ news, plugins: all, publicUrl: 'https://lpr.example', log: quietLog },
    site: () => Promise.resolve({ name: 'Site', timeZone: 'Asia/Bangkok', era: 'gregorian' as const }),
    factsOf: () => Promise.resolve(null),
  });
  await templates.start();
  const alerts = createAlerts({
    ...{ store: createAlertStore(database), rules: createRuleStore(database), events, news, templates },
    ...{ deliveries: createDeliveryStore(database), plugins: all, secrets: createSecretBox(folder), log: quietLog },
    detections: detectionsForAlerts(createDetectionStore(database)),
    jobs: {
      work: () => undefined,
      every: () => undefined,
      send: (queue, data, { at } = {}) => {
        sent.push({ queue, data, ...(at === undefined ? {} : { at }) });
        return Promise.resolve();
      },
    },
    cameras: { list: () => Promise.resolve([]), zones: () => Promise.resolve([]) },
    calendars: {
      includes: (calendarId) => open.has(calendarId),
      timeZone: () => 'Asia/Bangkok',
      addUser: () => undefined,
    },
    blacklists: {
      match: () => Promise.resolve([]),
      considered: () => Promise.resolve(),
      pendingHits: () => Promise.resolve([]),
    },
    geofences: { observe: () => Promise.resolve([]) },
    pictures: { jpeg: () => Promise.resolve(null), link: () => null },
    push: {
      keys: { publicKey: '', privateKey: '' },
      addresses: () => Promise.resolve([]),
      forget: () => Promise.resolve(),
    },
    publicUrl: 'https://lpr.example',
    siteLanguage: () => Promise.resolve('en'),
    patience: { pollMs: 20, firstWaitMs: 40, longestPauseMs: 50 },
    ...overrides,
  });
  await alerts.start();
  return {
    ...{ alerts, events, told, sent, open },
    rule: (rule = {}) => alerts.rules.create(aRule(rule)),
    async stop() {
      await alerts.stop();
      templates.stop();
      await news.stop();
    },
  };
}

/** What a flow hands over. */
export function detected(
  more: Partial<DetectionPart> = {},
  parts: Partial<LprMessage<'detection'>['lpr']> = {},
): LprMessage<'detection'> {
  const at = new Date().toISOString();
  const frameId = uuidv7();
  return {
    lpr: {
      ...{ frameId, cameraId: CAMERA, capturedAt: at, capturedAtSource: 'device', receivedAt: at, isLate: false },
      token: frameId,
      ...parts,
      detection: {
        ...{ detectionId: uuidv7(), isNew: true, isBest: true, status: 'confirmed', plateNumber: '1กก1234' },
        ...{ issuingEntity: 'TH-10', countryCode: 'TH', plateType: 'RY1', confidence: 0.9, readCount: 1, ...more },
      },
    },
  };
}

/** With a hit that lies in the database, as blacklists would have stored it. */
export async function hitDetected(
  { pool }: Pick<TestDatabase, 'pool'>,
  hit: Partial<HitPart> = {},
  more: Partial<DetectionPart> = {},
  parts: Partial<LprMessage<'detection'>['lpr']> = {},
): Promise<LprMessage<'detection' | 'hit'>> {
  const { lpr } = detected(more, parts);
  const made = aHit({ hitId: uuidv7(), blacklistId: uuidv7(), entryId: uuidv7(), ...hit });
  await pool.query(
    `insert into hits (hit_id, detection_id, blacklist_id, entry_id, blacklist_name, category, priority, matched_by, confidence)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      ...[made.hitId, lpr.detection.detectionId, made.blacklistId, made.entryId, made.blacklistName, made.category],
      ...[made.priority, made.matchedBy, made.confidence],
    ],
  );
  return { lpr: { ...lpr, hit: made } };
}
