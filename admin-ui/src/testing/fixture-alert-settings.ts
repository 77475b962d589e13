/** Rules, channels, words, people, escalations and calendars of the hub of cardboard. What is written is kept until it ends. */
import type {
  AlertChannel,
  AlertDeadLetter,
  AlertRule,
  AlertRulePreview,
  Calendar,
  Escalation,
  Group,
  HolidayYear,
  Person,
  PluginInfo,
  Preview,
  PreviewInput,
  Roster,
  Template,
  TemplateField,
} from '../api/contract.ts';
import { LISTS, uuid } from './fixture-alerts.ts';

const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

const field = (kind: PluginInfo['fields'][string]['kind'], required = false): PluginInfo['fields'][string] => ({
  ...{ kind, default: kind === 'flag' ? false : kind === 'number' ? 587 : '', required },
});
const words = (name: string, description: string, labels: Readonly<Record<string, string>>, missing = '') => ({
  ...{ name, description, field: Object.fromEntries(Object.entries(labels).map(([key, label]) => [key, { label }])) },
  ...(missing === '' ? {} : { missing: { publicUrl: missing } }),
});
const PLUGINS: readonly PluginInfo[] = [
  {
    ...{ id: 'line', kind: 'alertChannel', address: 'line', maxText: 5000 },
    fields: { accessToken: field('secret', true), to: field('text') },
    words: {
      en: words(
        'LINE',
        'Sends each alert from your LINE Official Account: picture, map and a button to acknowledge.',
        { accessToken: 'Channel access token', to: 'To' },
        'PUBLIC_URL is not set: LINE gets text and map, without pictures and buttons.',
      ),
      th: words(
        'LINE',
        'ส่งจาก LINE Official Account ของหน่วย พร้อมภาพ แผนที่ และปุ่มรับทราบ',
        { accessToken: 'Channel access token', to: 'ส่งถึง' },
        'ยังไม่ได้ตั้ง PUBLIC_URL จึงส่งได้เฉพาะข้อความและแผนที่ ไม่มีภาพและปุ่ม',
      ),
    },
  },
  {
    ...{ id: 'email', kind: 'alertChannel', address: 'email', maxText: null },
    fields: { host: field('text', true), port: field('number'), from: field('text', true), password: field('secret') },
    words: {
      en: words('E-mail', 'By a mail server, with the picture in the message.', {
        ...{ host: 'Mail server', port: 'Port', from: 'Sender', password: 'Password' },
      }),
      th: words('อีเมล', 'ส่งผ่านเซิร์ฟเวอร์อีเมล พร้อมภาพในข้อความ', {
        ...{ host: 'เซิร์ฟเวอร์อีเมล', port: 'พอร์ต', from: 'ผู้ส่ง', password: 'รหัสผ่าน' },
      }),
    },
  },
  {
    ...{ id: 'webhook', kind: 'alertChannel', address: null, maxText: null },
    fields: { url: field('url', true), secret: field('secret') },
    words: {
      en: words('Webhook', 'JSON to an address of yours, signed.', { url: 'Address', secret: 'Secret' }),
      th: words('เว็บฮุก', 'ส่ง JSON ไปยังที่อยู่ของหน่วย พร้อมลายเซ็น', { url: 'ที่อยู่', secret: 'รหัสลับ' }),
    },
  },
];

const REFUSED = { code: 'channel_refused', message: 'smtp.example.org answers 451: try again later.', at: ago(90) };
const drawnChannel = (number: number, plugin: string, name: string, change: Partial<AlertChannel>): AlertChannel => ({
  ...{ channelId: uuid(number), plugin, name, config: {}, enabled: true, language: null, perMinute: null },
  ...{ createdAt: ago(900_000), missing: [] },
  state: { sent: 214, waiting: 0, held: 0, dead: 0, lastSuccessAt: ago(190), error: null },
  ...change,
});

const PEOPLE: readonly Person[] = [
  {
    ...{ personId: uuid(611), name: 'ร.ต.อ. สมชาย ใจดี', language: 'th', userId: null, enabled: true },
    addresses: [
      { kind: 'line', address: 'U0123456789abcdef0123456789abcdef' },
      { kind: 'phone', address: '+66812345678' },
    ],
  },
  {
    ...{ personId: uuid(612), name: 'พ.ต.ท. อนงค์ แก้วใส', language: 'th', userId: null, enabled: true },
    addresses: [{ kind: 'email', address: 'anong@example.org' }],
  },
  { ...{ personId: uuid(613), name: 'John Miller', language: 'en', userId: null, addresses: [], enabled: false } },
];

const hit = { kind: 'hit' as const, categories: [], matchedBy: [], minConfidence: null, minPriority: null };
const drawnRule = (number: number, name: string, change: Partial<AlertRule>): AlertRule => ({
  ...{ ruleId: uuid(number), name, enabled: true, match: 'all', title: '', priority: null, escalationId: null },
  groups: [{ match: 'all', conditions: [{ ...hit, blacklistIds: [] }] }],
  ...{ channelIds: [uuid(821)], confirmation: 'provisional', rearmSeconds: 1_800, digestMinutes: null },
  ...{ quietCalendarId: null, urgentFrom: null, budgetPerDay: null, createdAt: ago(900_000), updatedAt: ago(90_000) },
  ...{ raisedToday: 12, lastRaisedAt: ago(25) },
  ...change,
});

const drawnCalendar = (number: number, name: string, change: Partial<Calendar>): Calendar => ({
  ...{ calendarId: uuid(number), name, weekly: [{ days: [1, 2, 3, 4, 5], from: '08:30', to: '16:30' }] },
  ...{ holidays: 'closed', holidayHours: [], dates: [], builtIn: null, createdAt: ago(900_000) },
  ...{ isOn: true, changesAt: inHours(3) },
  ...change,
});

const TEXT = '[{geofenceEvent} {geofence}]\n[{place}][ · {capturedAt|datetime}]\n[บัญชี: {list}]\n[เหตุผล: {reason}]';
const drawnTemplate = (
  kind: Template['kind'],
  language: 'th' | 'en',
  plugin: string | null,
  title: string,
): Template => ({
  ...{ templateId: null, kind, language, plugin, title, text: TEXT, masksPlate: false, changedAt: null, problems: [] },
});

const FIELDS: readonly TemplateField[] = (
  [
    ['title', 'What the alert is called', 'หัวข้อแจ้งเตือน', 'รถหาย ศูนย์ 1599', ['upper']],
    ['plate', 'The plate, without its province', 'ทะเบียน', '1กก1234', ['spaced', 'masked']],
    ['province', 'The province of the plate', 'จังหวัด', 'กรุงเทพมหานคร', []],
    ['list', 'The blacklist', 'บัญชี', 'รถหาย ศูนย์ 1599', []],
    ['reason', 'The reason given in the list', 'เหตุผลในบัญชี', 'แจ้งหาย', []],
    ['place', 'The checkpoint, else the camera', 'สถานที่', 'ประตูทางเข้า', []],
    ['capturedAt', 'When the vehicle was seen', 'เวลาที่พบ', '26 พ.ย. 2569 14:05', ['time', 'date', 'datetime']],
    ['geofence', 'The geofence', 'เขตพื้นที่', 'ลานหลัง', []],
    ['geofenceEvent', 'Entered, left, stays', 'เข้า ออก อยู่นาน', 'เข้า', []],
    ['acknowledge', 'A link to acknowledge', 'ลิงก์รับทราบ', 'https://…', []],
  ] as const
).map(([name, en, th, example, formats]) => ({
  ...{ name, en, th, formats: [...formats], example: { en: example, th: example } },
}));

function drawnPreview({ title, text, plugin }: PreviewInput): Preview | { error: object } {
  const known = new Map(FIELDS.map((one) => [one.name, one.example.th]));
  const unknown = [...text.matchAll(/\{(\w+)/g)].map((match) => match[1] ?? '').filter((name) => !known.has(name));
  if (unknown.length > 0) {
    const problems = [{ field: 'text', problem: `names {${unknown[0] ?? ''}}, which there is not: {plate}?` }];
    return { error: { code: 'invalid_input', message: 'The words cannot be used.', problems } };
  }
  const filled = (part: string): string =>
    part.replace(/\{(\w+)[^}]*\}/g, (_, name: string) => known.get(name) ?? '').replace(/[[\]]/g, '');
  const made = filled(text);
  return {
    ...{ title: filled(title), text: made, alertId: uuid(500), characters: made.length },
    maxText: plugin === 'line' ? 5000 : null,
    sms: {
      encoding: 'UCS-2',
      units: made.length,
      parts: Math.ceil(made.length / 67),
      perPart: 67,
      unusual: ['ก', 'ร'],
    },
  };
}

const HOLIDAYS: HolidayYear['holidays'] = [
  { date: '2026-12-05', nameEn: "Father's Day", nameTh: 'วันพ่อแห่งชาติ', isSubstitute: false },
  { date: '2026-12-07', nameEn: "Father's Day (substitute day)", nameTh: 'ชดเชยวันพ่อแห่งชาติ', isSubstitute: true },
  { date: '2026-12-10', nameEn: 'Constitution Day', nameTh: 'วันรัฐธรรมนูญ', isSubstitute: false },
  { date: '2026-12-31', nameEn: "New Year's Eve", nameTh: 'วันสิ้นปี', isSubstitute: false },
];

const duty = (personId: string, from: number, to: number) => ({
  ...{ personIds: [personId], by: 'turn' as const, from: inHours(from), to: inHours(to) },
});

/** Collections by the path that lists them, and the name of the id of each. */
function drawn(): Record<string, { key: string; items: object[] }> {
  const outside = { kind: 'time' as const, calendarId: uuid(741), isInside: false };
  const parking = { kind: 'geofence' as const, geofenceIds: ['fence-1'], events: ['dwell' as const] };
  const rules = [
    drawnRule(801, 'รถหายและรถต้องสงสัย', {
      ...{ escalationId: uuid(851), budgetPerDay: 200 },
      groups: [
        { match: 'all', conditions: [{ ...hit, blacklistIds: [LISTS.stolen.blacklistId, LISTS.wanted.blacklistId] }] },
      ],
    }),
    drawnRule(802, 'จอดนานนอกเวลา', {
      ...{ raisedToday: 2, priority: 40, quietCalendarId: uuid(742), urgentFrom: 80 },
      groups: [{ match: 'all', conditions: [parking, outside] }],
    }),
    drawnRule(803, 'กล้องมีปัญหา', {
      ...{ enabled: false, raisedToday: 0, lastRaisedAt: null, channelIds: [uuid(822)], digestMinutes: 30 },
      groups: [{ match: 'all', conditions: [{ kind: 'camera', troubles: ['offline', 'failing'] }] }],
    }),
  ];
  const channels = [
    drawnChannel(821, 'line', 'LINE ศูนย์', { missing: ['publicUrl'], config: { accessToken: true, to: 'C0' } }),
    drawnChannel(822, 'email', 'อีเมลเวร', {
      config: { host: 'smtp.example.org', port: 587, from: 'hub@example.org', password: true },
      state: { sent: 80, waiting: 3, held: 1, dead: 1, lastSuccessAt: ago(9_000), error: REFUSED },
    }),
    drawnChannel(823, 'webhook', 'ระบบรับแจ้งเหตุ', {
      config: { url: 'https://cad.example.org/alerts', secret: true },
      state: { sent: 0, waiting: 0, held: 0, dead: 0, lastSuccessAt: null, error: null },
    }),
  ];
  const telling = (channelId: string, kind: 'person' | 'group' | 'roster', id: string) => ({
    channelId,
    to: [{ kind, id }],
  });
  const escalation: Escalation = {
    ...{ escalationId: uuid(851), name: 'เวรกลางคืน', repeats: 1, repeatAfterSeconds: 900, tellsTaken: true },
    ...{ createdAt: ago(900_000), running: 1 },
    steps: [
      { afterSeconds: 60, tells: [telling(uuid(821), 'roster', uuid(631))] },
      { afterSeconds: 300, tells: [telling(uuid(821), 'group', uuid(621)), { channelId: uuid(823), to: [] }] },
      { afterSeconds: 900, tells: [telling(uuid(822), 'person', uuid(612))] },
    ],
  };
  const roster: Roster = {
    ...{ rosterId: uuid(631), name: 'เวรศูนย์', shifts: [], otherwise: [uuid(612)] },
    turns: [
      {
        personIds: [uuid(611), uuid(612)],
        calendarId: null,
        startsOn: '2026-11-23',
        handoverAt: '08:00',
        everyDays: 1,
      },
    ],
    now: duty(uuid(611), -5, 19),
    next: duty(uuid(612), 19, 43),
  };
  const group: Group = { groupId: uuid(621), name: 'ชุดสายตรวจ', personIds: [uuid(611), uuid(612)] };
  const always = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '20:00', to: '06:00' }];
  const calendars = [
    drawnCalendar(741, 'office', { builtIn: 'office' }),
    drawnCalendar(742, 'nights', { builtIn: 'nights', weekly: always, isOn: false, holidays: 'weekday' }),
    drawnCalendar(743, 'วันตลาดนัด', {
      weekly: [{ days: [6, 7], from: '05:00', to: '12:00' }],
      dates: [{ date: '2026-12-31', name: 'ปิดตลาดสิ้นปี', spans: [] }],
    }),
  ];
  return {
    '/alert-rules': { key: 'ruleId', items: rules },
    '/alert-channels': { key: 'channelId', items: channels },
    '/people': { key: 'personId', items: [...PEOPLE] },
    '/groups': { key: 'groupId', items: [group] },
    '/rosters': { key: 'rosterId', items: [roster] },
    '/escalations': { key: 'escalationId', items: [escalation] },
    '/calendars': { key: 'calendarId', items: calendars },
  };
}

const RULE_PREVIEW: AlertRulePreview = {
  ...{ from: ago(7 * 86_400), to: ago(0), looked: 18_402, isCut: false, alerts: 23, repeats: 4 },
  examples: ['1กก1234', '704821', 'ขข9999'].map((plateNumber, index) => ({
    ...{ detectionId: 'detection-1', plateNumber, issuingEntity: 'TH-10', cameraName: 'ประตูทางเข้า' },
    ...{ capturedAt: ago(4_000 * (index + 1)), title: 'รถหาย ศูนย์ 1599', listName: 'รถหาย ศูนย์ 1599' },
  })),
};
const DEAD: AlertDeadLetter = {
  ...{ deliveryId: uuid(931), channelId: uuid(822), channelName: 'อีเมลเวร', kind: 'alert', to: 'duty@example.org' },
  ...{ person: null, attempts: 9, createdAt: ago(90_000), alertId: uuid(507), title: 'รถหาย', plateNumber: '3ฒบ518' },
  ...{ failedAt: ago(80_000), error: { code: 'channel_rejected', message: '550 5.1.1 no such mailbox' } },
};

export interface FixtureAlertSettings {
  readonly acts: { readonly path: string; readonly body: unknown }[];
  /** Undefined: not a question of this part. */
  readonly answer: (method: string, path: string, query: URLSearchParams, body: unknown) => unknown;
}

export function createFixtureAlertSettings(): FixtureAlertSettings {
  const kept = drawn();
  const acts: { path: string; body: unknown }[] = [];
  const templates: Template[] = [
    drawnTemplate('alert', 'th', null, '{title}[ · {plate|spaced}][ {province}]'),
    drawnTemplate('alert', 'en', null, '{title}[ · {plate|spaced}][ {province}]'),
    drawnTemplate('alert', 'th', 'sms', '{title}[ {plate|spaced}]'),
    drawnTemplate('escalation', 'th', null, 'ยังไม่มีผู้รับทราบ: {title}'),
    drawnTemplate('escalation', 'en', null, 'Nobody has acknowledged yet: {title}'),
  ];
  let dead = [DEAD];
  let made = 0;

  function collection(method: string, path: string, body: unknown): unknown {
    const [, of = '', id] = /^(\/[a-z-]+)(?:\/([^/]+))?$/.exec(path) ?? [];
    const one = kept[of];
    if (one === undefined) return undefined;
    if (method !== 'GET') acts.push({ path: `${method} ${path}`, body });
    const is = (item: object): boolean => (item as Record<string, unknown>)[one.key] === id;
    if (id === undefined) {
      if (method === 'GET') return { items: one.items };
      const like = structuredClone(one.items[0] ?? {});
      const item = { ...like, ...(body as object), [one.key]: uuid(990 + made++) };
      one.items.push(item);
      return item;
    }
    if (method === 'DELETE') {
      one.items = one.items.filter((item) => !is(item));
      return {};
    }
    const at = one.items.findIndex(is);
    return at === -1 ? null : (one.items[at] = { ...one.items[at], ...(body as object) });
  }

  return {
    acts,
    answer(method, path, query, body) {
      if (path === '/plugins' && query.get('kind') === 'alertChannel') return { items: PLUGINS };
      if (path === '/alert-settings') return { budgetPerDay: null };
      if (path === '/alert-rules/preview') return RULE_PREVIEW;
      if (path === '/calendars/holidays')
        return { year: Number(query.get('year')), holidays: HOLIDAYS, hasLunar: query.get('year') === '2026' };
      if (path.endsWith('/uses')) return { items: [{ what: 'rule', name: 'จอดนานนอกเวลา' }] };
      if (path.endsWith('/duties'))
        return { items: [0, 1, 2, 3, 4, 5].map((day) => duty(uuid(611 + (day % 2)), day * 24 - 5, day * 24 + 19)) };
      if (path === '/alert-templates/fields') return { items: FIELDS };
      if (path === '/alert-templates/preview') return drawnPreview(body as PreviewInput);
      if (path === '/alert-templates') {
        if (method === 'GET') return { items: templates };
        acts.push({ path: 'POST /alert-templates', body });
        return { ...templates[0], ...(body as object) };
      }
      if (path === '/alert-dead-letters')
        return { items: dead.filter((one) => one.channelId === query.get('channelId')) };
      if (path.startsWith('/alert-dead-letters/')) {
        acts.push({ path, body });
        const count = dead.length;
        dead = [];
        return { count };
      }
      if (/^\/alert-channels\/[^/]+\/test$/.test(path)) {
        acts.push({ path, body });
        if (!path.includes(uuid(822))) return {};
        return { error: { code: 'channel_refused', message: REFUSED.message, problems: [] } };
      }
      if (path === '/users') return { items: [] };
      return collection(method, path, body);
    },
  };
}
