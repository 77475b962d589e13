/** A hub of canned answers: for tests of what stands around the rooms (API, live updates, nodes), quick and without a database. */
import type { Blacklist, BlacklistEntry, HitItem, ListedPlate } from '../core/blacklists/blacklists.ts';
import type { Template } from '../core/alerts/templates.ts';
import type { Acknowledgement } from '../core/alerts/acknowledgements.ts';
import type { Escalation, Run, StepRecord } from '../core/alerts/escalations.ts';
import { createAccess, type Access, type Role, type SignedIn } from '../core/access/access.ts';
import type { ChainStore } from '../core/access/audit-chain.ts';
import type { AccessStore } from '../core/access/access-store.ts';
import type { Alert } from '../core/alerts/alerts.ts';
import type { AlertChannel, AlertDelivery } from '../core/alerts/channels.ts';
import type { Duty, Group, Person, Roster } from '../core/alerts/people.ts';
import type { Rule, RuleState } from '../core/alerts/rules.ts';
import type { Calendar } from '../core/calendars/calendars.ts';
import { READ_AS_THE_FLOW_SAYS, type Camera, type Zone } from '../core/cameras/cameras.ts';
import type { Connector } from '../core/connectors/connectors.ts';
import type { Device, HeldMessage } from '../core/devices/devices.ts';
import { NOTHING_DECODED, type WireMessage } from '../core/plugins/define.ts';
import type { Detection, DetectionSummary } from '../core/detections/detections.ts';
import { LprError } from '../core/errors.ts';
import { createEvents } from '../core/events.ts';
import type { Hub } from '../core/hub.ts';
import type { RetentionState } from '../core/images/retention.ts';
import type { FrameStatus } from '../core/ingest/ingest.ts';
import { aHit, aList, anEntry } from './blacklists.ts';
import { fakePlaces } from './fake-places.ts';
import { createFakeImports } from './fake-imports.ts';
import { pluginsOf } from './fake-plugins.ts';
import { quietLog } from './quiet-log.ts';

const AT = new Date('2026-11-23T08:15:30.250Z');
const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const hash = 'a'.repeat(64);
const none = Promise.resolve();

const frame = { imageId: hash, width: 1280, height: 720 };
const patch = { imageId: 'b'.repeat(64), width: 240, height: 120 };
const characters = Array.from('1กก1234').map((char) => ({
  char,
  confidence: 0.9,
  alternatives: [{ char: '7', confidence: 0.1 }],
}));
const place = {
  box: [100.5, 200.25, 240, 120],
  corners: [
    [100.5, 200.25],
    [340.5, 200.25],
    [340.5, 320.25],
    [100.5, 320.25],
  ],
} as const;
const plate = {
  plateNumber: '1กก1234',
  series: '1กก',
  serial: '1234',
  issuingEntity: 'TH-10',
  countryCode: 'TH',
  plateType: 'RY1',
  confidence: 0.93,
  characters,
};
const candidates = [{ plateNumber: '1กก1234', issuingEntity: 'TH-10', confidence: 0.93 }];
const quality = { plateHeight: 60, sharpness: 0.8, glare: 0, contrast: 0.7, angle: -2.5, score: 0.85 };

export const sampleSummary: DetectionSummary = {
  ...{ detectionId: id(1), status: 'corrected', ...plate, ...place, frame, patch, frameId: id(2), cameraId: id(3) },
  ...{
    capturedAt: AT,
    lastSeenAt: AT,
    isParked: false,
    capturedAtSource: 'device',
    receivedAt: AT,
    cameraName: 'Gate',
    readCount: 1,
  },
  hits: [
    {
      ...aHit({
        hitId: id(4),
        blacklistId: id(5),
        entryId: id(6),
        differences: [{ place: 0, read: '7', listed: '1' }],
      }),
    },
  ],
};

export const sampleDetection: Detection = {
  ...sampleSummary,
  ...{ province: { confidence: 0.8 }, candidates, reasons: ['format:TH car'], mergedBy: [], merges: [], quality },
  reads: [
    {
      ...{ readId: id(7), engine: 'classical', ...plate, ...place, provinceConfidence: 0.8, candidates },
      ...{ reasons: [], quality, frameId: id(2), frame, patch, capturedAt: AT, isBest: true },
    },
  ],
  corrections: [
    {
      ...{ correctionId: id(8), kind: 'text', note: null, correctedBy: 'Somchai', correctedAt: AT },
      before: { plateNumber: '1กก1284', issuingEntity: null, countryCode: 'TH' },
      after: { plateNumber: '1กก1234', issuingEntity: 'TH-10', countryCode: 'TH' },
    },
  ],
};

export const sampleHit: HitItem = {
  ...aHit({ hitId: id(4), blacklistId: id(5), entryId: id(6) }),
  ...{ detectionId: id(1), status: 'confirmed', plateNumber: '1กก1234', issuingEntity: 'TH-10', cameraId: id(3) },
  ...{ cameraName: 'Gate', capturedAt: AT, createdAt: AT, isLate: false, frame, patch, value: 0.4, accuracy: 0.5 },
  ...{ retractedAt: null, outcome: null, decidedAt: null, decidedBy: null, decisionNote: null },
};

export const sampleCamera: Camera = {
  ...{ cameraId: id(3), name: 'Gate', protocol: 'snapshot', enabled: true, builtIn: null, createdAt: AT },
  config: { url: 'http://camera/', password: true, interval: 5 },
  reading: READ_AS_THE_FLOW_SAYS,
  lanes: [{ number: 1, name: 'Left', direction: 'toward', destination: 'City' }],
  desired: { interval: 5 },
  ...{ checkpointId: null, latitude: 13.75, longitude: 100.5, heading: 90 },
  health: {
    ...{ state: 'failing', since: AT, reason: 'error', lastFrameAt: AT, lastFrame: frame, framesToday: 12 },
    ...{ expectedSeconds: 5, clockOffsetSeconds: 0.4, framesSkipped: 340, framesDropped: 5 },
    warnings: [{ code: 'reads_fell', value: 3, expected: 80 }],
    maintenance: { windowId: id(15), to: AT, reason: 'lens' },
    error: { code: 'camera_timeout', message: 'no answer', since: AT },
  },
};

export const sampleAlert: Alert = {
  ...{ alertId: id(9), hitId: id(4), detectionId: id(1), title: 'Stolen', category: 'stolen', priority: 90 },
  ...{ ruleId: id(40), ruleName: 'Each hit', subject: { kind: 'hit', id: id(4) }, cause: 'live', retractedAt: null },
  ...{ plateNumber: '1กก1234', issuingEntity: 'TH-10', cameraId: id(3), cameraName: 'Gate', raisedAt: AT },
  plate: { series: '1กก', serial: '1234', countryCode: 'TH', plateType: 'RY1' },
  ...{ patch, list: { blacklistId: id(5), name: 'Stolen', colour: null, sound: 'alarm', isCovert: false } },
  ...{ capturedAt: AT, state: 'acknowledged', isProvisional: false, isOverBudget: false, repeatCount: 1 },
  ...{ lastRepeatAt: AT, geofence: { geofenceId: id(41), name: 'Centre', event: 'dwell', seconds: 120 } },
  ...{ cameraTrouble: null, escalationId: null, escalatedAt: null, acknowledgedAt: AT, acknowledgedBy: 'Somchai' },
  ...{ acknowledgedHow: 'console', outcome: 'correct' },
};
const sampleDelivery: AlertDelivery = {
  ...{ deliveryId: id(42), channelId: id(12), channelName: 'Hook', kind: 'alert', to: '', person: null },
  ...{ state: 'waiting', heldBy: null, attempts: 1, createdAt: AT, nextAttemptAt: AT, deliveredAt: null },
  error: { code: 'channel_refused', message: 'answers HTTP 503' },
};
const sampleRule: Rule & RuleState = {
  ...{ ruleId: id(40), name: 'Each hit', enabled: true, match: 'all', title: '', priority: null, channelIds: [id(12)] },
  groups: [
    {
      match: 'any',
      conditions: [
        { kind: 'hit', blacklistIds: [id(5)], categories: [], matchedBy: [], minConfidence: null, minPriority: 50 },
        { kind: 'time', calendarId: id(43), isInside: true },
      ],
    },
  ],
  ...{ escalationId: null, confirmation: 'at_once', rearmSeconds: 600, digestMinutes: 5, quietCalendarId: id(43) },
  ...{ urgentFrom: 80, budgetPerDay: 100, createdAt: AT, updatedAt: AT, raisedToday: 3, lastRaisedAt: AT },
};

export const sampleFrame: FrameStatus = {
  ...{ frame, frameId: id(2), cameraId: id(3), state: 'settled', label: 'car.jpg', capturedAt: AT, receivedAt: AT },
  ...{ attempts: 1, outcomes: { recorded: 1, no_plate: 0 }, detectionIds: [id(1)] },
  error: { code: 'engine_failed', message: 'was tried again' },
};

const samplePushSubscription = { subscriptionId: id(31), label: 'Phone', createdAt: AT };
export const sampleRetention: RetentionState = {
  policy: {
    ...{ unused: 7, unmatched: { frames: 30, patches: 30 }, hit: { frames: 365, patches: null } },
    floor: { percent: 2, gigabytes: 1.5 },
  },
  isSweeping: false,
  lastSweep: {
    startedAt: AT,
    endedAt: AT,
    removed: 3,
    bytes: 9000,
    problem: { code: 'storage_full', message: 'full' },
  },
};

export const sampleDevice: Device = {
  ...{ deviceId: id(30), format: 'generic', ref: 'cam-7', name: 'North', state: 'approved', address: '10.0.0.7' },
  ...{ transport: 'http', hasToken: true, config: { secret: true }, timeZone: null, createdAt: AT, lastSeenAt: AT },
  ...{ lastStoredAt: AT, isOnline: true, stored: 12, lagMs: 120, movedFrom: null },
  health: { isOnline: true, facts: { cpu: 12 }, camerasDown: [], clock: AT },
  cameras: [{ cameraRef: '1', cameraId: id(3), name: 'Gate' }],
  held: { waiting: 0, quarantined: 1, bytes: 200 },
  error: { code: 'invalid_input', message: 'plate is missing', at: AT, heldId: id(31) },
};

const sampleConnector: Connector = {
  ...{ connectorId: id(40), name: 'Centre', plugin: 'webhook', config: { url: 'http://centre/', secret: true } },
  ...{ enabled: true, sends: 'all', provisional: false, updates: true, late: true, cameraIds: [id(3)] },
  ...{ countries: ['TH'], minConfidence: 0.5, perSecond: 20, allowPrivate: true, createdAt: AT },
  state: {
    ...{ sent: 12, waiting: 2, dead: 1, lastSuccessAt: AT, lagSeconds: 3.5 },
    error: { code: 'connector_refused', message: 'centre answers HTTP 503.', at: AT },
  },
};

const sampleCalendar: Calendar = {
  ...{ calendarId: id(50), name: 'Nights', weekly: [{ days: [1, 7], from: '22:00', to: '06:00' }], builtIn: 'nights' },
  ...{ holidays: 'hours', holidayHours: [{ from: '00:00', to: '24:00' }], createdAt: AT },
  dates: [{ date: '2026-12-30', name: 'Stocktaking', spans: [] }],
};

const samplePerson: Person = {
  ...{ personId: id(51), name: 'Somchai', language: 'th', userId: null, enabled: true },
  addresses: [{ kind: 'phone', address: '+66812345678' }],
};
const sampleGroup: Group = { groupId: id(52), name: 'Desk', personIds: [id(51)] };
const sampleRoster: Roster = {
  ...{ rosterId: id(5), name: 'Nights', otherwise: [id(51)] },
  turns: [{ personIds: [id(51)], calendarId: id(50), startsOn: '2026-11-23', handoverAt: '08:00', everyDays: 7 }],
  shifts: [{ personIds: [id(51)], from: AT, to: AT }],
};
const sampleDuty: Duty = { personIds: [id(51)], by: 'turn', from: AT, to: AT };

const sampleTemplate: Template = {
  ...{ templateId: id(53), kind: 'alert', plugin: null, language: 'th', title: '{title}', text: '{plate}' },
  ...{ masksPlate: false, changedAt: AT, problems: [{ field: 'text', problem: 'names {plat}' }] },
};

const sampleAcknowledgement: Acknowledgement = {
  ...{ alertId: id(9), at: AT, by: 'Somchai', userId: id(20), how: 'console', outcome: 'correct', note: 'seen' },
  ...{ judgedAt: AT, judgedBy: 'Anong', undoneAt: null, undoneBy: null },
};
const sampleEscalation: Escalation = {
  ...{ escalationId: id(54), name: 'Stolen', repeats: 1, repeatAfterSeconds: 900, tellsTaken: true, createdAt: AT },
  ...{ steps: [{ afterSeconds: 0, tells: [{ channelId: id(12), to: [{ kind: 'roster', id: id(5) }] }] }], running: 1 },
};
const sampleRun: Run = {
  ...{ runId: id(55), alertId: id(9), escalationId: id(54), isRemoved: false, name: 'Stolen', startedAt: AT },
  ...{ steps: sampleEscalation.steps, repeats: 1, repeatAfterSeconds: 900, tellsTaken: true, startedBy: null },
  ...{ state: 'running', stoppedBy: null, stoppedAt: null, round: 0, roundBeganAt: AT, step: 0, nextAt: AT },
};
const sampleStep: StepRecord = {
  ...{ runId: id(55), round: 0, step: 0, ranAt: AT, orders: [], state: 'ordered' },
  troubles: [{ who: 'Nights', why: 'nobody_on_duty' }],
};

const sampleHeld: HeldMessage = {
  ...{ heldId: id(31), deviceId: id(30), format: 'generic', reason: 'quarantine', transport: 'http', path: '/' },
  ...{ receivedAt: AT, bytes: 200, error: { code: 'invalid_input', message: 'plate is missing', field: 'plate' } },
};

const sampleMessage: WireMessage = {
  ...{ transport: 'http', address: '10.0.0.7', receivedAt: AT, method: 'POST', path: '/', query: {}, namespace: '' },
  ...{ headers: { 'content-type': 'application/json' }, body: Buffer.from('{}'), args: [], isRetained: false },
  parts: [{ name: 'image', fileName: 'a.jpg', mediaType: 'image/jpeg', bytes: Buffer.from([255, 216, 255]) }],
};

/** What a test needs to know of it. */
export interface FakeHub extends Hub {
  /** Session tokens and whose they are; change it to sign people in and out. */
  readonly sessions: Map<string, SignedIn>;
  /** Signs somebody of this role in and gives the session's cookie. */
  signIn(role: Role): string;
  /** What the audit trail was told. */
  readonly audited: string[];
  /** Pictures that were accepted. */
  readonly accepted: Uint8Array[];
}

const permissionsOf = (role: Role): SignedIn['permissions'] =>
  createAccess({ store: {} as AccessStore, chain: {} as ChainStore, setupCode: null }).permissionsOf(role);

function fakeAccess(sessions: Map<string, SignedIn>, audited: string[]): Access {
  const site = {
    name: 'Site',
    timeZone: 'Asia/Bangkok',
    era: 'buddhist',
    language: 'th',
    trainingPictures: false,
    map: { kind: 'outline' },
    searchReason: 'none',
  } as const;
  const user = (role: Role): SignedIn['user'] => ({
    ...{ userId: id(20), name: `a ${role}`, role, disabled: false, createdAt: AT, lastSignInAt: AT },
  });
  return {
    setupNeeded: () => Promise.resolve(false),
    setUp: () => Promise.reject(new LprError('setup_already_done', 'An administrator exists already.')),
    signIn(name, password) {
      if (password !== 'correct horse battery') {
        return Promise.reject(new LprError('wrong_credentials', 'The name or the password is wrong.'));
      }
      const token = `${name.replace(/\W/g, '')}${'x'.repeat(43)}`.slice(0, 43);
      const signedIn = { user: user('administrator'), permissions: permissionsOf('administrator') };
      sessions.set(token, signedIn);
      return Promise.resolve({ token, signedIn, expiresAt: new Date(Date.now() + 3_600_000) });
    },
    session: (token) => Promise.resolve(sessions.get(token) ?? null),
    signOut(token) {
      sessions.delete(token);
      return none;
    },
    changePassword: () => none,
    users: () => Promise.resolve([user('viewer')]),
    createUser: ({ role }) => Promise.resolve(user(role)),
    updateUser: (_userId, { role = 'viewer' }) => Promise.resolve(user(role)),
    permissionsOf,
    site: () => Promise.resolve(site),
    updateSite: (change) => Promise.resolve({ ...site, ...change }),
    audit({ action }) {
      audited.push(action);
      return none;
    },
    auditTrail: () =>
      Promise.resolve([
        {
          ...{ auditId: '7', at: AT, userId: id(20), userName: 'Somchai', action: 'user.created', subject: null },
          ...{ details: { role: 'viewer' }, address: '127.0.0.1', hash },
        },
      ]),
    verifyAudit: () => Promise.resolve({ rows: 7, head: { auditId: 7, hash }, fault: null }),
  };
}

export function createFakeHub(overrides: Partial<Hub> = {}): FakeHub {
  const sessions = new Map<string, SignedIn>();
  const audited: string[] = [];
  const accepted: Uint8Array[] = [];
  const key = {
    ...{ keyId: id(10), cameraId: id(3), label: 'box', prefix: 'lpr_abcdef', createdAt: AT },
    ...{ lastUsedAt: AT, revokedAt: null },
  };
  const checkpoint = { checkpointId: id(11), name: 'North', latitude: null, longitude: null, cameraIds: [id(3)] };
  const zone: Zone = { zoneId: id(14), name: 'Car park', cameras: [{ cameraId: id(3), role: 'in' }] };
  const maintenance = {
    ...{ windowId: id(15), cameraId: id(3), zoneId: null, from: AT, to: AT, reason: 'lens', by: 'Somchai' },
    createdAt: AT,
  };
  const blacklist: Blacklist = {
    ...aList(),
    ...{ blacklistId: id(5), entryCount: 1, createdAt: AT, changedAt: AT, listedAt: AT, advice: [] },
    ...{ endingCount: 0, toReviewCount: 0, accuracyShare: null },
  };
  const attachment = {
    ...{ attachmentId: id(16), name: 'order.pdf', mediaType: 'application/pdf', size: 8 },
    ...{ addedBy: 'Somchai', addedAt: AT },
  };
  const entry: BlacklistEntry = {
    ...anEntry({ validFrom: AT }),
    ...{ entryId: id(6), blacklistId: id(5), validTo: null, isWildcard: false, isActive: true },
    ...{ attachments: [attachment], createdBy: 'Somchai', createdAt: AT, changedBy: null, changedAt: null },
  };
  const sampleListed: ListedPlate = {
    ...{ blacklistId: id(5), blacklistName: 'Stolen', category: 'stolen', priority: 90, colour: null, isCovert: false },
    ...{
      listedAt: AT,
      entryId: id(6),
      plateNumber: '7กก1234',
      issuingEntity: null,
      countryCode: 'TH',
      plateType: null,
    },
    ...{ reason: null, validFrom: AT, validTo: null, confidence: 1, matchedBy: 'confusable' },
    differences: [{ place: 0, read: '1', listed: '7' }],
  };
  const counts = { hits: 3, decided: 2, right: 1, wrong: 1, share: 0.5 };
  const policyFigures = {
    policy: blacklist.policy,
    hitsPerDay: 2,
    byMatch: { exact: 2, without_province: 0, wildcard: 0, confusable: 0, candidate: 0 },
  };
  const channel: AlertChannel = {
    ...{ channelId: id(12), name: 'Hook', plugin: 'webhook', config: { secret: true }, enabled: true },
    ...{ language: null, perMinute: 30, createdAt: AT, missing: ['publicUrl'] },
    state: {
      ...{ sent: 5, waiting: 1, held: 2, dead: 1, lastSuccessAt: AT },
      error: { code: 'channel_refused', message: 'answers HTTP 503', at: AT },
    },
  };
  const unused = (): never => {
    throw new Error('This part of the fake hub is not in use.');
  };

  return {
    ...{ sessions, audited, accepted, log: quietLog, plugins: pluginsOf() },
    events: createEvents((error) => {
      throw error;
    }),
    signIn(role) {
      const token = `${role}-${'s'.repeat(43)}`.slice(0, 43);
      const user = { userId: id(20), name: role, role, disabled: false, createdAt: AT, lastSignInAt: null };
      sessions.set(token, { user, permissions: permissionsOf(role) });
      return `lpr_session=${token}`;
    },
    access: fakeAccess(sessions, audited),
    acknowledgements: {
      acknowledge: () => Promise.resolve({ acknowledgement: sampleAcknowledgement, isFirst: true }),
      judge: () => Promise.resolve(sampleAcknowledgement),
      undo: () => none,
      undoUntil: () => AT,
      history: () => Promise.resolve([sampleAcknowledgement]),
      decided: () => none,
      link: () => Promise.resolve(null),
      look: () => Promise.resolve(null),
      follow: () => Promise.resolve(null),
      figures: () =>
        Promise.resolve([
          {
            ...{ key: id(5), name: 'Stolen', alerts: 3, acknowledged: 2, medianSeconds: 31.5, p90Seconds: 60 },
            outcomes: { correct: 1, misread: 1, wrong_list: 0, recovered: 0, dismissed: 0 },
          },
        ]),
      sweep: () => none,
    },
    alerts: {
      rules: {
        list: () => Promise.resolve([sampleRule]),
        create: () => Promise.resolve(sampleRule),
        update: () => Promise.resolve(sampleRule),
        remove: () => none,
        preview: () =>
          Promise.resolve({
            ...{ from: AT, to: AT, looked: 100, isCut: false, alerts: 3, repeats: 1 },
            examples: [
              {
                ...{ detectionId: id(1), plateNumber: '1กก1234', issuingEntity: 'TH-10', cameraName: 'Gate' },
                ...{ capturedAt: AT, title: 'Stolen', listName: 'Stolen' },
              },
            ],
          }),
      },
      channels: {
        list: () => Promise.resolve([channel]),
        create: () => Promise.resolve(channel),
        update: () => Promise.resolve(channel),
        remove: () => none,
        test: () => none,
        deadLetters: () => {
          const { deliveryId, channelId, channelName, kind, to, person, attempts, createdAt } = sampleDelivery;
          const delivery = { deliveryId, channelId, channelName, kind, to, person, attempts, createdAt };
          const error = { code: 'channel_rejected', message: 'answers HTTP 404' };
          return Promise.resolve([
            { ...delivery, alertId: id(9), title: 'Stolen', plateNumber: '1กก1234', failedAt: AT, error },
          ]);
        },
        replay: () => Promise.resolve(2),
        discard: () => Promise.resolve(1),
      },
      ...{ lend: unused, consider: unused, raise: unused, deliver: unused, order: unused, reconsider: unused },
      ...{ retract: unused, facts: unused, factsOf: unused, markEscalated: unused, escalate: () => none },
      list: () => Promise.resolve({ items: [sampleAlert], nextCursor: null }),
      get: () =>
        Promise.resolve({
          ...sampleAlert,
          hit: null,
          deliveries: [sampleDelivery],
          repeats: [
            { subject: { kind: 'hit', id: id(4) }, detectionId: id(1), cameraId: id(3), cameraName: 'Gate', at: AT },
          ],
        }),
      counts: () =>
        Promise.resolve({ open: 1, escalated: 0, acknowledged: 2, retracted: 0, late: 0, dead: 1, held: 2 }),
      settings: () => Promise.resolve({ budgetPerDay: 500 }),
      changeSettings: () => Promise.resolve({ budgetPerDay: 500 }),
      announce: () => none,
      countOpen: () => Promise.resolve(1),
      sweep: () => none,
      recover: () => none,
      confirm: () => none,
      start: () => none,
      stop: () => none,
    },
    blacklists: {
      list: () => Promise.resolve([blacklist]),
      create: () => Promise.resolve(blacklist),
      remove: () => none,
      get: () => Promise.resolve({ ...blacklist, accuracy: counts, cameras: [] }),
      settings: () => Promise.resolve(blacklist),
      update: () => Promise.resolve(blacklist),
      entries: () => Promise.resolve({ items: [entry], nextCursor: null }),
      entry: () => Promise.resolve(entry),
      addEntry: () => Promise.resolve(entry),
      updateEntry: () => Promise.resolve(entry),
      removeEntry: () => none,
      removeEntries: () => Promise.resolve(1),
      expiring: () => Promise.resolve({ ending: [entry], endingCount: 1, toReview: [], toReviewCount: 0 }),
      attach: () => Promise.resolve(attachment),
      attachment: () => Promise.resolve({ ...attachment, bytes: Buffer.from('%PDF-1.7') }),
      removeAttachment: () => none,
      match: unused,
      rematch: unused,
      withdraw: unused,
      hits: () => Promise.resolve({ items: [sampleHit], nextCursor: null }),
      hit: () => Promise.resolve(sampleHit),
      openHits: () => Promise.resolve({ stolen: 1, wanted: 0, vip: 0, expired: 0, own: 0 }),
      decide: () => none,
      considered: () => none,
      pendingHits: () => Promise.resolve([]),
      previewPolicy: () =>
        Promise.resolve({
          misreads: [{ listed: '1กก1234', accepted: ['1กถ1234'], acceptedCount: 1 }],
          ...{ days: 7, detections: 100, ofDetections: 100, entries: 1, proposed: policyFigures, present: null },
          examples: [],
        }),
      lookUp: () =>
        Promise.resolve({
          plateNumber: '1กก1234',
          items: [sampleListed],
          count: 1,
          withheld: [{ blacklistId: id(7), name: 'Wanted', needsReason: 'case' }],
        }),
      indexFigures: () => ({ entries: 1, bytes: 57 }),
      idle: () => none,
      start: () => none,
      stop: () => none,
    },
    calendars: {
      list: () => [sampleCalendar],
      get: () => sampleCalendar,
      includes: () => true,
      nextChange: () => AT,
      create: () => Promise.resolve(sampleCalendar),
      update: () => Promise.resolve(sampleCalendar),
      remove: () => none,
      uses: () => Promise.resolve([{ what: 'roster', name: 'Desk' }]),
      addUser: () => undefined,
      holidays: (year) => ({
        ...{ year, hasLunar: true },
        holidays: [{ date: '2026-04-13', nameEn: 'Songkran Festival', nameTh: 'วันสงกรานต์', isSubstitute: false }],
      }),
      timeZone: () => 'Asia/Bangkok',
      start: () => none,
      stop: () => undefined,
    },
    blacklistImports: createFakeImports(),
    cameras: {
      list: () => Promise.resolve([sampleCamera, { ...sampleCamera, builtIn: 'upload' }]),
      get: () => Promise.resolve(sampleCamera),
      create: () => Promise.resolve(sampleCamera),
      update: () => Promise.resolve(sampleCamera),
      remove: () => none,
      versions: () =>
        Promise.resolve([
          {
            ...{ versionId: id(13), version: 2, at: AT, by: 'Somchai', action: 'changed', note: null },
            differences: [{ field: 'config.password', isSecret: true, before: true, after: true }],
          },
        ]),
      compareVersions: () => Promise.resolve([{ field: 'name', isSecret: false, before: 'Gate', after: 'North gate' }]),
      restore: () => Promise.resolve(sampleCamera),
      test: () => Promise.resolve({ preview: Buffer.from('jpeg'), width: 4, height: 3 }),
      probe: () =>
        Promise.resolve({
          ...{ maker: 'hikvision', model: 'DS-1', firmware: null, isReached: true, wantsPassword: false },
          hubUrl: 'http://10.0.0.1:3000',
          cameras: [{ protocol: 'snapshot', config: { url: 'http://camera/' } }],
          devices: [{ format: 'hikvision', steps: [{ menu: 'HTTP Listening', field: 'Port', value: '3000' }] }],
          asked: [{ check: 'hikvision', url: 'http://camera/ISAPI/System/deviceInfo', result: 'found' }],
        }),
      keys: () => Promise.resolve([key]),
      createKey: () => Promise.resolve({ ...key, key: 'lpr_secret' }),
      revokeKey: () => none,
      authenticate: (given) =>
        given === 'lpr_right'
          ? Promise.resolve({ cameraId: id(3) })
          : Promise.reject(new LprError('ingest_key_wrong', 'This ingest key is unknown or revoked.')),
      readingOf: () => Promise.resolve(READ_AS_THE_FLOW_SAYS),
      frameArrived: () => undefined,
      alive: () => undefined,
      deviceLink: () => undefined,
      healthHistory: () =>
        Promise.resolve({
          states: [{ from: 'online', to: 'failing', at: AT, reason: 'error', errorCode: 'camera_timeout' }],
          hours: [{ hour: AT, frames: 12, withoutPlate: 2, detections: 9, downSeconds: 60, maintenance: false }],
        }),
      checkpoints: () => Promise.resolve([checkpoint]),
      createCheckpoint: () => Promise.resolve(checkpoint),
      updateCheckpoint: () => Promise.resolve(checkpoint),
      removeCheckpoint: () => none,
      zones: () => Promise.resolve([zone]),
      createZone: () => Promise.resolve(zone),
      updateZone: () => Promise.resolve(zone),
      removeZone: () => none,
      maintenance: () => Promise.resolve([maintenance]),
      addMaintenance: () => Promise.resolve(maintenance),
      endMaintenance: () => none,
      metrics: (_cameraId, days) =>
        Promise.resolve({
          ...{ days, frames: 100, framesWithoutPlate: 40, detections: 30, readsPerVehicle: 2.5, confidence: 0.93 },
          ...{ reviewed: 10, exact: 9, notPlates: 1, storedMs: { p50: 300, p95: 900 }, onTheWayMs: 400 },
          detectionsPerHour: 4.5,
        }),
      reported: () => none,
      deviceStates: () =>
        Promise.resolve({
          ...{ desired: { interval: 5 }, reported: { interval: 60 }, reportedAt: AT },
          drift: [{ field: 'interval', desired: 5, reported: 60 }],
        }),
      start: () => none,
      stop: () => none,
    },
    connectors: {
      list: () => Promise.resolve([sampleConnector]),
      create: () => Promise.resolve(sampleConnector),
      update: () => Promise.resolve(sampleConnector),
      remove: () => none,
      test: () => none,
      dead: () =>
        Promise.resolve([
          {
            ...{ detectionId: id(1), plateNumber: '1กก1234', cameraName: 'Gate', capturedAt: AT, attempts: 12 },
            ...{ failedAt: AT, error: { code: 'connector_refused', message: 'centre answers HTTP 422.' } },
          },
        ]),
      replay: () => Promise.resolve(1),
      discard: () => Promise.resolve(1),
      hand: () => Promise.resolve('queued'),
      start: () => none,
      stop: () => none,
    },
    detections: {
      merge: unused,
      record: unused,
      get: () => Promise.resolve(sampleDetection),
      search: () => Promise.resolve({ items: [sampleSummary], nextCursor: 'next' }),
      split: () => Promise.resolve(sampleDetection),
      correct: () => Promise.resolve(sampleDetection),
      countSince: () => Promise.resolve(3),
      correctedReads: () => Promise.resolve([]),
      sightOf: () => Promise.resolve({ sight: null, advice: [] }),
      stop: () => none,
    },
    devices: {
      receive: unused,
      turnAway: unused,
      sessionEnded: unused,
      identify: unused,
      list: () => Promise.resolve([sampleDevice]),
      get: () => Promise.resolve(sampleDevice),
      create: () => Promise.resolve(sampleDevice),
      update: () => Promise.resolve(sampleDevice),
      approve: () => Promise.resolve(sampleDevice),
      block: () => Promise.resolve(sampleDevice),
      remove: () => none,
      makeToken: () => Promise.resolve({ token: 'lpd_secret' }),
      removeToken: () => none,
      held: () => Promise.resolve([sampleHeld]),
      heldContent: () => Promise.resolve({ held: sampleHeld, message: sampleMessage }),
      replay: () => Promise.resolve({ stored: 1, failed: 0 }),
      discard: () => Promise.resolve(1),
      tryOut: () => Promise.resolve({ decoded: NOTHING_DECODED, reply: { status: 200, body: 'ok' } }),
      pullPicture: unused,
      start: () => none,
      stop: () => none,
    },
    push: {
      keys: { publicKey: 'AAAA', privateKey: 'AAAA' },
      list: () => Promise.resolve([samplePushSubscription]),
      subscribe: () => Promise.resolve(samplePushSubscription),
      unsubscribe: () => none,
      addresses: () => Promise.resolve([]),
      forget: () => none,
    },
    sharedPictures: {
      jpeg: () => Promise.resolve(null),
      link: () => null,
      open: () => Promise.reject(new LprError('not_found', 'There is no such picture.')),
    },
    ...fakePlaces,
    escalations: {
      list: () => Promise.resolve([sampleEscalation]),
      create: () => Promise.resolve(sampleEscalation),
      update: () => Promise.resolve(sampleEscalation),
      remove: () => none,
      begin: () => Promise.resolve(true),
      runs: () => Promise.resolve([sampleRun]),
      steps: () => Promise.resolve([sampleStep]),
      runDue: () => none,
      tellTaken: () => none,
      start: () => none,
      stop: () => none,
    },
    images: {
      put: unused,
      read: unused,
      cut: unused,
      file: () => Promise.reject(new LprError('not_found', 'There is no such picture.')),
      pixels: unused,
      freeBytes: () => Promise.resolve({ free: 5e9, total: 2e10 }),
      check: () => none,
    },
    ingest: {
      accept({ bytes }) {
        accepted.push(bytes);
        return Promise.resolve({ ...frame, frameId: id(2), duplicate: false });
      },
      acceptEvent: unused,
      consume: unused,
      split: unused,
      settle: unused,
      fail: unused,
      status: () => Promise.resolve(sampleFrame),
      dead: () => Promise.resolve([sampleFrame]),
      replay: () => Promise.resolve(1),
      counts: () => Promise.resolve({ queued: 1, running: 2, dead: 3 }),
      start: () => none,
      stop: () => none,
    },
    people: {
      persons: () => Promise.resolve([samplePerson]),
      createPerson: () => Promise.resolve(samplePerson),
      updatePerson: () => Promise.resolve(samplePerson),
      removePerson: () => none,
      forgetAddress: () => none,
      groups: () => Promise.resolve([sampleGroup]),
      createGroup: () => Promise.resolve(sampleGroup),
      updateGroup: () => Promise.resolve(sampleGroup),
      removeGroup: () => none,
      rosters: () => Promise.resolve([sampleRoster]),
      createRoster: () => Promise.resolve(sampleRoster),
      updateRoster: () => Promise.resolve(sampleRoster),
      removeRoster: () => none,
      duties: () => [sampleDuty, sampleDuty],
      recipients: unused,
      assertTargets: () => none,
    },
    recognition: {
      engines: () =>
        Promise.resolve([
          { id: 'classical', isDefault: true, config: {}, locates: true, reads: true, problem: null },
          {
            id: 'remote',
            isDefault: false,
            config: {},
            locates: true,
            reads: false,
            problem: { code: 'engine_unavailable', message: 'no address' },
          },
        ]),
      configure: (id) =>
        Promise.resolve({ id, isDefault: true, config: {}, locates: true, reads: true, problem: null }),
      locate: unused,
      read: unused,
      recognise: unused,
      close: () => none,
    },
    retention: {
      state: () => Promise.resolve(sampleRetention),
      setPolicy: () => none,
      preview: () =>
        Promise.resolve({
          figures: [
            {
              ...{ keptAs: 'hit', purpose: 'frame', pictures: 3, bytes: 9000 },
              going: { pictures: 1, bytes: 3000, oldest: AT, newest: AT },
            },
          ],
          room: { free: 5e9, total: 2e10, floor: 1e9 },
        }),
      sweep: () => Promise.resolve({ startedAt: AT, endedAt: AT, removed: 0, bytes: 0, problem: null }),
      removals: () =>
        Promise.resolve([
          {
            ...{ removalId: '7', imageId: hash, purpose: 'patch', keptAs: 'unmatched', reason: 'age', bytes: 3000 },
            ...{ storedAt: AT, removedAt: AT },
          },
        ]),
      holds: () => Promise.resolve([{ kind: 'hold', reason: 'Case 12', by: 'Somchai', at: AT }]),
      hold: () => none,
      problem: () => null,
      start: () => undefined,
      stop: () => none,
    },
    templates: {
      list: () => [sampleTemplate],
      fields: () => [
        {
          name: 'plate',
          formats: ['masked'],
          en: 'The plate',
          th: 'ทะเบียน',
          example: { en: '1กก1234', th: '1กก1234' },
        },
      ],
      save: () => Promise.resolve(sampleTemplate),
      reset: () => none,
      render: () => ({ title: 'Stolen', text: '1กก1234' }),
      line: (template) => template,
      faults: () => [],
      preview: () =>
        Promise.resolve({
          ...{ title: 'Stolen', text: '1กก1234', alertId: id(9), characters: 7, maxText: 1600 },
          sms: { encoding: 'UCS-2', units: 7, parts: 1, perPart: 70, unusual: ['ก'] },
        }),
      start: () => none,
      stop: () => undefined,
    },
    health: () => Promise.resolve({ ok: true, parts: { database: { ok: true, problem: null } } }),
    ...overrides,
  };
}
