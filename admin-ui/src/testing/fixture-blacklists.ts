/** Blacklists of the hub of cardboard: lists, entries, an import, a source, hits that wait. Made-up plates. */
import type {
  Blacklist,
  BlacklistEntry,
  BlacklistImport,
  BlacklistInput,
  BlacklistSource,
  HitItem,
  ImportChange,
  ImportPlan,
  ImportPreview,
  MatchPolicy,
  Outcome,
  PluginInfo,
  PolicyPreview,
} from '../api/contract.ts';

const DAY_MS = 86_400_000;
const ago = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();
const id = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
export const STOLEN = id(201);
export const WANTED = id(202);
export const GUARDED = id(203);
export const IMPORT = id(401);
export const SOURCE = id(501);

const EXACT: MatchPolicy = {
  ...{ edits: 'none', oneEditFrom: 5, twoEditsFrom: 8, candidates: false, withoutProvince: true, minConfidence: 0 },
};
function drawnList(n: number, change: Partial<Blacklist>): Blacklist {
  return {
    ...{ blacklistId: id(n), name: `List ${n}`, category: 'own', priority: 50, colour: null, sound: null },
    ...{ isCovert: false, policy: EXACT, defaultValidityDays: 90, warnDays: 14, needsReason: 'none' },
    ...{ entryCount: 0, endingCount: 0, toReviewCount: 0, accuracyShare: null, createdAt: ago(90), changedAt: ago(1) },
    ...{ listedAt: ago(0.1), advice: [] },
    ...change,
  };
}
function drawnEntry(n: number, change: Partial<BlacklistEntry>): BlacklistEntry {
  return {
    ...{ entryId: id(300 + n), blacklistId: STOLEN, plateNumber: '1กก1234', issuingEntity: 'TH-10', countryCode: 'TH' },
    ...{ plateType: null, reason: 'แจ้งหาย สน.ทุ่งตัวอย่าง', validFrom: null, validTo: null, reviewAt: null, confidence: 1 },
    ...{ agency: null, reference: null, notes: null, isWildcard: false, isActive: true, attachments: [] },
    ...{ createdBy: 'somchai', createdAt: ago(n), changedBy: null, changedAt: null },
    ...change,
  };
}
const ENTRIES: readonly BlacklistEntry[] = [
  drawnEntry(1, {
    ...{ agency: 'สน.ทุ่งตัวอย่าง', reference: 'คดี 12/2569', validTo: ago(-4), notes: 'รถกระบะสีขาว <b>กระจกแตก</b>' },
    attachments: [
      {
        ...{ attachmentId: id(601), name: 'หมาย.pdf', mediaType: 'application/pdf', size: 48_000 },
        addedBy: 'somchai',
        addedAt: ago(1),
      },
    ],
  }),
  drawnEntry(2, { plateNumber: 'ขข9999', issuingEntity: 'TH-50', reason: 'Seen at two thefts', validTo: ago(-200) }),
  drawnEntry(3, {
    plateNumber: '2กท45*',
    issuingEntity: null,
    isWildcard: true,
    reason: 'Only half of the plate is known',
  }),
  drawnEntry(4, { plateNumber: '704821', issuingEntity: 'TH-20', createdBy: null, reviewAt: ago(2) }),
  drawnEntry(5, { plateNumber: 'สต99', issuingEntity: 'TH-10', validTo: ago(3), isActive: false, reason: null }),
  drawnEntry(6, { plateNumber: '3ฒฎ777', issuingEntity: null, validFrom: ago(-6) }),
];

const PLAN: ImportPlan = {
  mode: 'replace',
  reading: {
    ...{ layout: null, format: 'auto', encoding: 'auto', delimiter: 'auto', headerLines: null },
    sheet: null,
    widths: [],
  },
  map: { plateNumber: ['ทะเบียน'], issuingEntity: ['จังหวัด'], reason: ['ฐานความผิด'] },
  values: { dateOrder: 'auto', countryCode: 'TH', categories: [], duplicates: 'merge' },
};
const ROWS = [
  ['1กก 1234', 'กรุงเทพมหานคร', 'รถหาย', '2569-11-01'],
  ['ขข 9999', 'เชียงใหม่', 'รถหาย', '2569-11-02'],
  ['', 'ชลบุรี', 'รถหาย', '2569-11-03'],
  ['5ณฐ 8', 'Chon Buri', 'ยักยอก', '2569-11-04'],
] as const;
const COLUMNS = ['ทะเบียน', 'จังหวัด', 'ฐานความผิด', 'วันที่แจ้ง'];
const PROVINCES: Readonly<Record<string, string>> = {
  กรุงเทพมหานคร: 'TH-10',
  เชียงใหม่: 'TH-50',
  ชลบุรี: 'TH-20',
  'Chon Buri': 'TH-20',
};

function previewed(plan: Partial<ImportPlan>): ImportPreview {
  const used: ImportPlan = { ...PLAN, ...plan };
  const cell = (row: readonly string[], column: string | undefined): string => row[COLUMNS.indexOf(column ?? '')] ?? '';
  return {
    found: {
      ...{ layout: null, format: 'delimited', encoding: 'windows-874', delimiter: ',', headerLines: 1, sheet: null },
      ...{ sheets: [], columns: COLUMNS, dateOrder: 'ymd' },
    },
    plan: used,
    isRemembered: true,
    columns: COLUMNS.map((name, index) => ({ name, samples: ROWS.map((row) => row[index] ?? ''), guess: null })),
    rows: ROWS.map((row, index) => {
      const plateNumber = cell(row, used.map.plateNumber?.[0]).replaceAll(' ', '');
      const issuingEntity = PROVINCES[cell(row, used.map.issuingEntity?.[0])];
      return {
        row: index + 2,
        cells: [...row],
        entry: {
          ...(plateNumber === '' ? {} : { plateNumber }),
          ...(issuingEntity === undefined ? {} : { issuingEntity }),
          reason: cell(row, used.map.reason?.[0]),
        },
        problems: plateNumber === '' ? [{ field: 'plateNumber', problem: 'is empty' }] : [],
      };
    }),
  };
}

const CHANGES: readonly ImportChange[] = [
  change('added', 5, null, { plateNumber: '5ณฐ8', issuingEntity: 'TH-20', reason: 'ยักยอก' }),
  change('removed', null, { plateNumber: '704821', issuingEntity: 'TH-20', reason: 'รถหาย' }, null),
  change(
    'changed',
    3,
    { plateNumber: 'ขข9999', issuingEntity: 'TH-50', reason: 'Seen at two thefts' },
    { plateNumber: 'ขข9999', issuingEntity: 'TH-50', reason: 'รถหาย' },
  ),
  change(
    'unchanged',
    2,
    { plateNumber: '1กก1234', issuingEntity: 'TH-10' },
    { plateNumber: '1กก1234', issuingEntity: 'TH-10' },
  ),
  { ...change('faulty', 4, null, null), problems: [{ field: 'plateNumber', problem: 'is empty' }] },
];
function change(
  kind: ImportChange['kind'],
  row: number | null,
  before: ImportChange['before'],
  after: ImportChange['after'],
): ImportChange {
  return { kind, row, before, after, changedFields: kind === 'changed' ? ['reason'] : [], problems: [] };
}

function drawnHit(n: number, change: Partial<HitItem>): HitItem {
  const scene = { imageId: 'scene', width: 1200, height: 800 };
  return {
    ...{
      hitId: id(700 + n),
      blacklistId: STOLEN,
      blacklistName: 'รถหาย',
      entryId: id(301),
      category: 'stolen',
      priority: 95,
    },
    ...{ matchedBy: 'exact', confidence: 0.97, reason: 'แจ้งหาย สน.ทุ่งตัวอย่าง', entryPlateNumber: '1กก1234' },
    ...{ entryIssuingEntity: 'TH-10', differences: [], isCovert: false, colour: null, sound: null, listedAt: ago(0.1) },
    ...{
      isNew: false,
      detectionId: 'detection-4',
      status: 'confirmed',
      plateNumber: '1กก1234',
      issuingEntity: 'TH-10',
    },
    ...{ cameraId: id(801), cameraName: 'ประตูทางเข้า', capturedAt: ago(n / 1440), createdAt: ago(n / 1440) },
    ...{ isLate: false, frame: scene, patch: scene, value: 0.9, accuracy: 0.8, retractedAt: null, outcome: null },
    ...{ decidedAt: null, decidedBy: null, decisionNote: null },
    ...change,
  };
}
export const HITS = { exact: id(701), alike: id(702), pattern: id(703), twin: id(704) } as const;

const words = (name: string): PluginInfo['words']['en'] => ({
  ...{ name, description: name },
  field: { address: { label: 'Address' } },
});
const ADDRESS: PluginInfo = {
  ...{ id: 'list-url', kind: 'listSource' },
  fields: { address: { kind: 'url', default: '', required: true } },
  words: { en: words('Address'), th: words('ที่อยู่เว็บ') },
};

export interface FixtureBlacklists {
  /** Undefined where the path is none of blacklists. */
  readonly answer: (method: string, path: string, query: URLSearchParams, body: unknown) => unknown;
  /** What was asked for with another method than GET, in order; looks at a policy or a file are not among them. */
  readonly acts: { readonly method: string; readonly path: string; readonly body: unknown }[];
  /** A hit is made now. */
  readonly hit: () => void;
}

export function createFixtureBlacklists(): FixtureBlacklists {
  const acts: { method: string; path: string; body: unknown }[] = [];
  let lists: Blacklist[] = [
    drawnList(201, {
      name: 'รถหาย',
      category: 'stolen',
      priority: 95,
      entryCount: 5,
      endingCount: 1,
      toReviewCount: 1,
      accuracyShare: 0.8,
    }),
    drawnList(202, {
      name: 'Wanted persons',
      category: 'wanted',
      priority: 80,
      listedAt: ago(12),
      advice: ['exact_only'],
      entryCount: 214_000,
    }),
    drawnList(203, {
      name: 'Under cover',
      category: 'own',
      colour: '#6a3fb5',
      isCovert: true,
      needsReason: 'case',
      entryCount: 3,
    }),
  ];
  let entries: BlacklistEntry[] = [...ENTRIES];
  let hits: HitItem[] = [
    drawnHit(1, {}),
    drawnHit(2, {
      ...{
        matchedBy: 'confusable',
        confidence: 0.55,
        plateNumber: 'ขข9999',
        issuingEntity: 'TH-50',
        detectionId: 'detection-5',
      },
      ...{ entryPlateNumber: 'ชข9989', entryIssuingEntity: 'TH-50', entryId: id(302), value: 0.6 },
      differences: [
        { place: 0, read: 'ข', listed: 'ช' },
        { place: 4, read: '9', listed: '8' },
      ],
    }),
    drawnHit(3, {
      ...{
        matchedBy: 'wildcard',
        confidence: 0.4,
        blacklistId: WANTED,
        blacklistName: 'Wanted persons',
        category: 'wanted',
      },
      ...{
        entryPlateNumber: '70*',
        entryIssuingEntity: null,
        plateNumber: '704821',
        issuingEntity: null,
        detectionId: 'detection-6',
      },
      ...{ colour: '#1c6fd0', isLate: true, value: 0.3 },
    }),
    drawnHit(4, { cameraName: 'ประตูทางออก', value: 0.2 }),
  ];
  let run: BlacklistImport | null = null;
  let source: BlacklistSource | null = null;

  const drawnRun = (state: BlacklistImport['state']): BlacklistImport => ({
    ...{ importId: IMPORT, blacklistId: STOLEN, sourceId: null, state, fileName: 'รถหาย-พ.ย.csv', bytes: 412 },
    ...{ createdBy: 'somchai', createdAt: ago(0), endedAt: null, plan: null, found: null, progress: null, leftOut: 0 },
    ...{ counts: null, shrink: null, problem: null },
    ...(state === 'uploaded'
      ? {}
      : {
          counts: {
            rows: 4,
            added: 1,
            removed: 1,
            changed: 1,
            unchanged: 1,
            faulty: 1,
            duplicates: 0,
            byHand: 0,
            filtered: 0,
          },
          shrink: { share: 0.34, limit: 0.2, isTooMuch: true },
        }),
  });

  function previewOf(policy: MatchPolicy): PolicyPreview {
    const alike = policy.edits === 'none' ? 0 : policy.edits === 'confusable' ? 3.5 : 21;
    const of = (one: MatchPolicy, confusable: number) => ({
      policy: one,
      hitsPerDay: 2 + confusable,
      byMatch: { exact: 1.4, without_province: 0.6, wildcard: 0, confusable, candidate: 0 },
    });
    return {
      misreads: [
        {
          listed: '1กก1234',
          accepted: alike === 0 ? [] : ['1กถ1234', '1ภก1234', '1กก1284'],
          acceptedCount: alike === 0 ? 0 : 18,
        },
        { listed: 'ขข9999', accepted: alike === 0 ? [] : ['ชข9999', 'ขซ9999'], acceptedCount: alike === 0 ? 0 : 2 },
      ],
      ...{ days: 7, detections: 20_000, ofDetections: 48_210, entries: 5 },
      proposed: of(policy, alike),
      present: of(EXACT, 0),
      examples:
        alike === 0
          ? []
          : [
              {
                ...{ detectionId: 'detection-5', plateNumber: 'ขข9999', issuingEntity: 'TH-50', listed: 'ชข9999' },
                ...{ matchedBy: 'confusable', confidence: 0.5, capturedAt: ago(2), cameraName: 'ประตูทางเข้า' },
              },
            ],
    };
  }

  function answer(method: string, path: string, query: URLSearchParams, body: unknown): unknown {
    if (path === '/plugins' && query.get('kind') === 'listSource') return { items: [ADDRESS] };
    const isOurs = ['/blacklist', '/hits'].some((start) => path.startsWith(start));
    if (!isOurs) return undefined;
    if (method !== 'GET' && !/policy-preview|\/preview$/.test(path)) acts.push({ method, path, body });
    if (path.startsWith('/hits')) return ofHits(method, path, query, body);
    if (path.startsWith('/blacklist-')) return ofImports(method, path, query, body);
    return ofLists(method, path, query, body);
  }

  function ofLists(method: string, path: string, query: URLSearchParams, body: unknown): unknown {
    const [, , listId, what, entryId] = path.split('/');
    if (listId === undefined) {
      if (method === 'GET') return { items: lists };
      const made = drawnList(210 + lists.length, body as Omit<BlacklistInput, 'policy'>);
      lists = [...lists, made];
      return made;
    }
    const list = lists.find((one) => one.blacklistId === listId);
    if (list === undefined) return null;
    if (what === undefined) {
      if (method === 'PATCH') {
        const changed = { ...list, ...(body as Partial<Blacklist>) };
        lists = lists.map((one) => (one === list ? changed : one));
        return changed;
      }
      if (method === 'DELETE') lists = lists.filter((one) => one !== list);
      const accuracy = { hits: 12, decided: 10, right: 8, wrong: 2, share: 0.8 };
      const camera = { ...accuracy, cameraId: id(801), cameraName: 'ประตูทางเข้า' };
      return {
        ...list,
        accuracy,
        cameras: [camera, { ...camera, cameraId: id(802), cameraName: 'North', right: 0, wrong: 0, share: null }],
      };
    }
    if (what === 'policy-preview') return previewOf((body as { policy: MatchPolicy }).policy);
    if (what === 'expiring') {
      const toReview = entries.filter((one) => one.reviewAt !== null);
      return { ending: entries.slice(0, 1), endingCount: 1, toReview, toReviewCount: toReview.length };
    }
    if (what === 'import-settings')
      return { shrinkLimit: 0.2, isFileOwned: false, plan: null, ...(body as object | undefined) };
    if (what === 'imports') {
      if (method === 'POST') run = drawnRun('uploaded');
      return method === 'POST' ? run : { items: run === null ? [] : [run] };
    }
    if (what === 'sources') {
      if (method === 'GET') return { items: source === null ? [] : [source] };
      source = {
        ...(body as BlacklistSource),
        ...{ sourceId: SOURCE, blacklistId: listId, createdAt: ago(0) },
        state: {
          ...{ isRunning: false, nextRunAt: ago(-0.04), lastRunAt: null, lastSuccessAt: null, isOverdue: false },
          ...{ waitingImportId: null, problem: null, hostKey: null },
        },
      };
      return source;
    }
    return ofEntries(method, entryId, query, body, listId);
  }

  function ofEntries(
    method: string,
    entryId: string | undefined,
    query: URLSearchParams,
    body: unknown,
    blacklistId: string,
  ): unknown {
    if (entryId === 'remove') {
      const { entryIds } = body as { entryIds: string[] };
      entries = entries.filter((one) => !entryIds.includes(one.entryId));
      return { removed: entryIds.length };
    }
    if (entryId === undefined && method === 'POST') {
      const made = drawnEntry(40 + acts.length, {
        ...(body as Partial<BlacklistEntry>),
        blacklistId,
        createdAt: ago(0),
      });
      entries = [made, ...entries];
      return made;
    }
    if (entryId === undefined) {
      const plate = query.get('plate') ?? '';
      return { items: entries.filter((one) => one.plateNumber.includes(plate)), nextCursor: null };
    }
    const entry = entries.find((one) => one.entryId === entryId);
    if (entry === undefined) return null;
    const changed = { ...entry, ...(body as Partial<BlacklistEntry> | undefined) };
    entries = entries.map((one) => (one === entry ? changed : one));
    return changed;
  }

  function ofImports(method: string, path: string, query: URLSearchParams, body: unknown): unknown {
    if (path === '/blacklist-layouts') return { items: [] };
    if (path.startsWith('/blacklist-sources/')) {
      if (path.endsWith('/runs')) return { items: [] };
      if (path.endsWith('/test')) return { fileName: 'list.csv', bytes: 412, hostKey: null, preview: previewed({}) };
      if (source !== null && path.endsWith('/run'))
        source = { ...source, state: { ...source.state, lastSuccessAt: ago(0), lastRunAt: ago(0) } };
      return source;
    }
    if (run === null) return null;
    if (path.endsWith('/preview')) return previewed((body as { plan?: Partial<ImportPlan> } | undefined)?.plan ?? {});
    if (path.endsWith('/stage')) run = { ...drawnRun('ready'), plan: (body as { plan: ImportPlan }).plan };
    if (path.endsWith('/apply')) run = { ...drawnRun('applied'), leftOut: 1, endedAt: ago(0) };
    if (path.endsWith('/discard')) run = drawnRun('discarded');
    if (path.endsWith('/changes'))
      return { items: CHANGES.filter((one) => one.kind === query.get('kind')), nextCursor: null };
    return run;
  }

  function ofHits(method: string, path: string, query: URLSearchParams, body: unknown): unknown {
    const open = hits.filter((one) => one.outcome === null);
    if (path === '/hits/counts') {
      const of = (category: string): number => open.filter((one) => one.category === category).length;
      const byCategory = { stolen: of('stolen'), wanted: of('wanted'), vip: 0, expired: 0, own: 0 };
      return { open: open.length, byCategory };
    }
    if (method === 'POST') {
      const { hitIds, outcome, note } = body as { hitIds: string[]; outcome: Outcome | null; note?: string | null };
      const decided = { outcome, decisionNote: note ?? null, decidedBy: outcome === null ? null : 'somchai' };
      hits = hits.map((one) => (hitIds.includes(one.hitId) ? { ...one, ...decided } : one));
      return { items: hits.filter((one) => hitIds.includes(one.hitId)) };
    }
    const one = hits.find(({ hitId }) => path === `/hits/${hitId}`);
    if (path !== '/hits') return one ?? null;
    const category = query.get('category');
    const shown = query.get('state') === 'decided' ? hits.filter((hit) => hit.outcome !== null) : open;
    return { items: shown.filter((hit) => category === null || hit.category === category), nextCursor: null };
  }

  return {
    answer,
    acts,
    hit: () => {
      hits = [
        drawnHit(50 + hits.length, { createdAt: ago(-0.001), capturedAt: ago(0), cameraName: 'Gate 9' }),
        ...hits,
      ];
    },
  };
}
