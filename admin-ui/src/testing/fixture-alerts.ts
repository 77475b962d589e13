/** Alerts of the hub of cardboard: some open, one escalated, one of each other state, with what happened to them. */
import type {
  Alert,
  AlertDelivery,
  AlertDetail,
  AlertFigure,
  AlertTimeline,
  BlacklistCategory,
  Outcome,
  TimelineEntry,
} from '../api/contract.ts';

const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();
export const uuid = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

export const LISTS = {
  stolen: { blacklistId: uuid(201), name: 'รถหาย ศูนย์ 1599', colour: null, sound: 'alarm', isCovert: false },
  wanted: { blacklistId: uuid(202), name: 'รถต้องสงสัย', colour: null, sound: null, isCovert: false },
  own: { blacklistId: uuid(203), name: 'ผู้มาติดต่อ', colour: '#2f6fdb', sound: 'chime', isCovert: false },
  covert: { blacklistId: uuid(704), name: 'เฝ้าติดตาม', colour: null, sound: 'siren', isCovert: true },
} as const;

const PLATES = [
  ['1กก', '1234', 'RY1', 'TH-10'],
  ['ขข', '9999', 'RY12', 'TH-50'],
  ['70', '4821', 'LT-truck-hire', 'TH-20'],
  ['3ฒบ', '518', 'RY1', 'TH-10'],
] as const;

export function drawnAlert(number: number, secondsAgo: number, change: Partial<Alert> = {}): Alert {
  const [series, serial, plateType, issuingEntity] = PLATES[number % PLATES.length] ?? PLATES[0];
  const category: BlacklistCategory = change.category ?? 'stolen';
  return {
    ...{ alertId: uuid(500 + number), ruleId: uuid(801), ruleName: 'รถหายและรถต้องสงสัย' },
    ...{ subject: { kind: 'hit', id: `hit-${number}` }, hitId: `hit-${number}`, detectionId: 'detection-1' },
    ...{ title: LISTS.stolen.name, category, priority: 90, plateNumber: series + serial, issuingEntity },
    plate: { series, serial, countryCode: 'TH', plateType },
    patch: { imageId: 'scene', width: 1200, height: 800 },
    list: { ...LISTS.stolen },
    ...{ cameraId: 'camera-1', cameraName: 'ประตูทางเข้า', raisedAt: ago(secondsAgo), capturedAt: ago(secondsAgo + 1) },
    ...{ cause: 'live', state: 'open', isProvisional: false, isOverBudget: false, repeatCount: 0, lastRepeatAt: null },
    ...{ geofence: null, cameraTrouble: null, escalationId: null, escalatedAt: null, retractedAt: null },
    ...{ acknowledgedAt: null, acknowledgedBy: null, acknowledgedHow: null, outcome: null },
    ...change,
  };
}

const nowhere = { category: null, list: null, hitId: null, plateNumber: null, plate: null, patch: null } as const;

function drawnAlerts(): Alert[] {
  return [
    drawnAlert(3, 25, { isProvisional: true }),
    drawnAlert(0, 190, {
      ...{ state: 'escalated', escalatedAt: ago(130), escalationId: uuid(851), repeatCount: 3 },
      lastRepeatAt: ago(40),
    }),
    drawnAlert(1, 900, {
      ...{ category: 'wanted', title: LISTS.wanted.name, list: { ...LISTS.wanted }, priority: 70 },
    }),
    drawnAlert(4, 1500, {
      ...{ category: null, list: null, hitId: null, title: 'จอดนานในลานหลัง', priority: 40 },
      subject: { kind: 'geofence', id: uuid(761) },
      geofence: { geofenceId: 'fence-1', name: 'ลานหลัง', event: 'dwell', seconds: 1_860 },
    }),
    drawnAlert(5, 2400, {
      ...nowhere,
      ...{ detectionId: null, issuingEntity: null, title: 'กล้องไม่ตอบสนอง', priority: 60, cameraTrouble: 'offline' },
      subject: { kind: 'camera', id: 'camera-1' },
    }),
    drawnAlert(6, 5400, {
      ...{ state: 'acknowledged', acknowledgedAt: ago(5310), acknowledgedBy: 'anong', priority: 55 },
      ...{ category: 'own', list: { ...LISTS.own }, title: LISTS.own.name },
    }),
    drawnAlert(7, 8000, { state: 'retracted', retractedAt: ago(7800) }),
    drawnAlert(8, 90_000, {
      state: 'late',
      cause: 'late',
      category: 'expired',
      title: 'ภาษีขาด',
      list: null,
      priority: 20,
    }),
  ];
}

const delivery = (number: number, change: Partial<AlertDelivery>): AlertDelivery => ({
  ...{
    deliveryId: uuid(900 + number),
    channelId: uuid(821),
    channelName: 'LINE ศูนย์',
    kind: 'alert',
    to: 'U0',
    person: null,
  },
  ...{ state: 'delivered', heldBy: null, attempts: 1, createdAt: ago(60), nextAttemptAt: null, deliveredAt: ago(59) },
  error: null,
  ...change,
});

function deliveriesOf(alert: Alert): AlertDelivery[] {
  if (alert.state === 'late') return [];
  const at = Date.parse(alert.raisedAt);
  const after = (seconds: number): string => new Date(at + seconds * 1000).toISOString();
  const refused = { code: 'channel_refused', message: 'smtp.example.org answers 451: try again later.' };
  return [
    delivery(1, { person: 'ร.ต.อ. สมชาย', createdAt: after(0.4), deliveredAt: after(1.4) }),
    delivery(2, {
      ...{ channelId: uuid(822), channelName: 'อีเมลเวร', to: 'duty@example.org', state: 'waiting', attempts: 2 },
      ...{ createdAt: after(0.5), deliveredAt: null, nextAttemptAt: new Date(Date.now() + 45_000).toISOString() },
      error: refused,
    }),
    ...(alert.state === 'escalated'
      ? [
          delivery(3, { kind: 'escalation', person: 'พ.ต.ท. อนงค์', createdAt: after(60), deliveredAt: after(61) }),
          delivery(4, {
            ...{ kind: 'escalation', channelName: 'SMS', to: '+66812345678', state: 'dead', attempts: 6 },
            ...{ createdAt: after(60.5), deliveredAt: null },
            error: { code: 'channel_rejected', message: 'Twilio answers HTTP 400: 21211.' },
          }),
        ]
      : []),
  ];
}

const entry = (what: TimelineEntry['what'], at: string, change: Partial<TimelineEntry> = {}): TimelineEntry => ({
  ...{ what, at, by: null, how: null, channel: null, to: null, kind: null, state: null, escalation: null },
  ...{ round: null, step: null, outcome: null, note: null },
  ...change,
});

export interface FixtureAlerts {
  readonly acts: { readonly path: string; readonly body: unknown }[];
  /** One more is raised now. */
  readonly raise: (change?: Partial<Alert>) => Alert;
  /** Undefined: not a question of this part. */
  readonly answer: (method: string, path: string, query: URLSearchParams, body: unknown) => unknown;
}

export function createFixtureAlerts(): FixtureAlerts {
  const alerts = drawnAlerts();
  const acts: { path: string; body: unknown }[] = [];
  const given = new Map<string, { outcome: Outcome | null; note: string }>([
    [uuid(506), { outcome: 'correct', note: 'ติดต่อฝ่ายพัสดุ' }],
  ]);
  const isOpen = ({ state }: Alert): boolean => state === 'open' || state === 'escalated';

  function detail(alert: Alert): AlertDetail {
    const { hitId, category } = alert;
    const of = { blacklistId: alert.list?.blacklistId ?? 'list', blacklistName: alert.list?.name ?? alert.title };
    const hit =
      hitId === null || category === null
        ? null
        : {
            ...{ hitId, ...of, entryId: 'entry-1', category, priority: alert.priority, matchedBy: 'exact' as const },
            ...{ confidence: 0.93, reason: 'แจ้งหายที่ สน.พญาไท 12 ต.ค. 2569 ผู้แจ้งให้ประสานก่อนเข้าตรวจ' },
            ...{ entryPlateNumber: alert.plateNumber ?? '', entryIssuingEntity: alert.issuingEntity, differences: [] },
            ...{ isCovert: false, colour: null, sound: null, listedAt: ago(9 * 86_400), isNew: true },
          };
    const repeats = Array.from({ length: alert.repeatCount }, (_, index) => ({
      ...{ subject: { kind: 'hit' as const, id: `again-${index}` }, detectionId: 'detection-1', cameraId: 'camera-1' },
      ...{ cameraName: 'ประตูทางออก', at: ago(40 + index * 30) },
    }));
    return { ...alert, hit, deliveries: deliveriesOf(alert), repeats };
  }

  function timeline(alert: Alert): AlertTimeline {
    const said = given.get(alert.alertId);
    const isRunning = alert.state === 'escalated';
    const run = {
      escalationId: uuid(851),
      name: 'เวรกลางคืน',
      startedAt: alert.raisedAt,
      stoppedBy: null,
      round: 0,
      step: 1,
    };
    return {
      alertId: alert.alertId,
      entries: [
        entry('raised', alert.raisedAt),
        ...(isRunning
          ? [
              entry('escalation_started', alert.raisedAt, { escalation: 'เวรกลางคืน' }),
              entry('escalated', alert.escalatedAt ?? alert.raisedAt, { step: 0, round: 0, escalation: 'เวรกลางคืน' }),
            ]
          : []),
        ...(alert.acknowledgedAt === null
          ? []
          : [
              entry('acknowledged', alert.acknowledgedAt, {
                ...{
                  by: alert.acknowledgedBy,
                  how: 'console',
                  outcome: said?.outcome ?? null,
                  note: said?.note ?? null,
                },
              }),
            ]),
        ...(alert.retractedAt === null ? [] : [entry('retracted', alert.retractedAt)]),
      ],
      runs: isRunning
        ? [{ ...run, state: 'running', stepCount: 3, nextAt: new Date(Date.now() + 155_000).toISOString() }]
        : [],
      acknowledgement:
        alert.acknowledgedAt === null || said === undefined
          ? null
          : {
              ...{ alertId: alert.alertId, at: alert.acknowledgedAt, by: alert.acknowledgedBy ?? '', how: 'console' },
              ...{ ...said, undoUntil: new Date(Date.now() + 60_000).toISOString() },
            },
    };
  }

  function change(alert: Alert, to: Partial<Alert>): Alert {
    const at = alerts.findIndex((one) => one.alertId === alert.alertId);
    return (alerts[at] = { ...alert, ...to });
  }

  function act(alert: Alert, what: string, body: unknown): unknown {
    acts.push({ path: `/alerts/${alert.alertId}/${what}`, body });
    if (what === 'acknowledge/undo')
      return change(alert, { state: 'open', acknowledgedAt: null, acknowledgedBy: null });
    if (what === 'escalate') return change(alert, { state: 'escalated', escalatedAt: ago(0), escalationId: uuid(851) });
    given.set(alert.alertId, body as { outcome: Outcome | null; note: string });
    if (what === 'outcome') return timeline(alert).acknowledgement;
    return change(alert, { state: 'acknowledged', acknowledgedAt: ago(0), acknowledgedBy: 'somchai' });
  }

  function page(query: URLSearchParams): { items: readonly Alert[]; nextCursor: string | null } {
    const [state, plate, category] = ['state', 'plate', 'category'].map((name) => query.get(name));
    const items = alerts.filter(
      (one) =>
        (state === 'all' || state === null || (state === 'open' ? isOpen(one) : one.state === state)) &&
        (plate === null || plate === undefined || (one.plateNumber?.includes(plate) ?? false)) &&
        (category === null || one.category === category),
    );
    return { items, nextCursor: null };
  }

  return {
    acts,
    raise(to = {}) {
      const made = drawnAlert(40 + alerts.length, 0, to);
      alerts.unshift(made);
      return made;
    },
    answer(method, path, query, body) {
      if (path === '/alerts') return page(query);
      if (path === '/alerts/counts') {
        const count = (state: string): number => alerts.filter((one) => one.state === state).length;
        const [escalated, acknowledged, retracted, late] = ['escalated', 'acknowledged', 'retracted', 'late'].map(
          count,
        );
        return {
          ...{ open: alerts.filter(isOpen).length, escalated, acknowledged, retracted, late },
          dead: 1,
          held: 0,
        };
      }
      if (path === '/alerts/figures') return { items: query.get('by') === 'list' ? BY_LIST : [ALL] };
      const [, id, what] = /^\/alerts\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
      if (id === undefined) return undefined;
      const alert = alerts.find((one) => one.alertId === id);
      if (alert === undefined) return null;
      if (what === 'timeline') return timeline(alert);
      return what === undefined || method === 'GET' ? detail(alert) : act(alert, what, body);
    },
  };
}

const figure = (name: string, alerts: number, change: Partial<AlertFigure> = {}): AlertFigure => ({
  ...{ key: name, name, alerts, acknowledged: alerts - 2, medianSeconds: 74, p90Seconds: 312, accuracy: 0.83 },
  outcomes: { correct: 18, misread: 3, wrong_list: 1, recovered: 4, dismissed: 6 },
  ...change,
});
const ALL = figure('', 64);
const BY_LIST = [
  figure(LISTS.stolen.name, 41),
  figure(LISTS.wanted.name, 15, {
    ...{ accuracy: 0.5, medianSeconds: 210 },
    outcomes: { correct: 3, misread: 1, wrong_list: 2, recovered: 0, dismissed: 5 },
  }),
  figure('', 8, {
    ...{ key: null, accuracy: null, medianSeconds: null },
    outcomes: { correct: 0, misread: 0, wrong_list: 0, recovered: 0, dismissed: 0 },
  }),
];
