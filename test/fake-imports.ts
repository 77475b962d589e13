/** Canned answers of list imports, for the fake hub. */
import { Readable } from 'node:stream';
import type {
  BlacklistImport,
  BlacklistImports,
  BlacklistSource,
  ImportFound,
  ImportPlan,
  ImportPreview,
} from '../core/blacklists/imports.ts';

const AT = new Date('2026-11-23T08:15:30.250Z');
const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

const plan: ImportPlan = {
  mode: 'replace',
  reading: {
    ...{ layout: null, format: 'auto', encoding: 'auto', delimiter: 'auto', headerLines: null, sheet: null },
    widths: [{ name: 'plate', start: 0, end: null }],
  },
  map: { plateNumber: ['series', 'number'], issuingEntity: ['province'] },
  values: { dateOrder: 'auto', countryCode: 'TH', categories: [], duplicates: 'merge' },
};
const found: ImportFound = {
  ...{ layout: null, format: 'delimited', encoding: 'windows-874', delimiter: ',', headerLines: 1, sheet: null },
  ...{ sheets: [], columns: ['series', 'number', 'province'], dateOrder: 'dmy' },
};
const preview: ImportPreview = {
  ...{ found, plan, isRemembered: true },
  columns: [{ name: 'series', samples: ['1กก'], guess: 'plateNumber' }],
  rows: [
    {
      row: 2,
      cells: ['1กก', '1234', 'x'],
      entry: { plateNumber: '1กก1234' },
      problems: [{ field: 'a', problem: 'b' }],
    },
  ],
};

export const sampleImport: BlacklistImport = {
  ...{ importId: id(50), blacklistId: id(5), sourceId: id(51), state: 'refused', fileName: 'list.csv', bytes: 1200 },
  ...{ createdBy: 'Somchai', createdAt: AT, endedAt: AT, plan, found, leftOut: 2 },
  progress: { step: 'reading', rows: 20_000, share: 0.25 },
  counts: {
    ...{ rows: 10, added: 1, removed: 3, changed: 2, unchanged: 1, faulty: 1, duplicates: 1, byHand: 1, filtered: 0 },
  },
  shrink: { share: 0.3, limit: 0.2, isTooMuch: true },
  problem: {
    code: 'list_shrinks',
    message: 'too many go',
    problems: [{ field: 'confirmRemoved', problem: 'must be 3' }],
  },
};

export const sampleSource: BlacklistSource = {
  ...{ sourceId: id(51), blacklistId: id(5), name: 'Police', plugin: 'sftp', enabled: true, createdAt: AT },
  ...{ config: { host: 'police.example', password: true }, schedule: { every: 'day', at: '03:30' } },
  ...{ plan: { mode: 'replace' }, leaveOutFaulty: false, allowPrivate: true },
  state: {
    ...{
      isRunning: false,
      nextRunAt: AT,
      lastRunAt: AT,
      lastSuccessAt: null,
      isOverdue: true,
      waitingImportId: id(50),
    },
    ...{ problem: { code: 'list_source_failed', message: 'cannot be asked', at: AT }, hostKey: 'SHA256:abc' },
  },
};

export function createFakeImports(): BlacklistImports {
  const none = Promise.resolve();
  const one = (): Promise<BlacklistImport> => Promise.resolve(sampleImport);
  const source = (): Promise<BlacklistSource> => Promise.resolve(sampleSource);
  const settings = (): ReturnType<BlacklistImports['settings']> =>
    Promise.resolve({ shrinkLimit: 0.2, isFileOwned: false, plan });
  return {
    layouts: () => [
      {
        ...{ layoutId: 'genetec', name: 'Genetec', country: null, format: 'delimited', delimiter: ';', headerLines: 0 },
        ...{ columns: [{ name: 'PlateNumber', field: 'plateNumber', start: null, end: null }], source: 'techdocs' },
      },
    ],
    ...{ settings, changeSettings: settings },
    async upload(_blacklistId, { body }) {
      body.resume();
      return one();
    },
    list: () => Promise.resolve([sampleImport]),
    ...{ get: one, stage: one, apply: one },
    preview: () => Promise.resolve(preview),
    changes: () =>
      Promise.resolve({
        items: [
          {
            ...{ kind: 'changed', row: 2, changedFields: ['reason'], problems: [] },
            ...{ before: { plateNumber: '1กก1234', reason: 'a' }, after: { plateNumber: '1กก1234', reason: 'b' } },
          },
        ],
        nextCursor: '2',
      }),
    discard: () => none,
    sources: () => Promise.resolve([sampleSource]),
    ...{ createSource: source, updateSource: source },
    removeSource: () => none,
    testSource: () => Promise.resolve({ fileName: 'list.csv', bytes: 1200, hostKey: 'SHA256:abc', preview }),
    runSource: () => none,
    forgetHostKey: () => none,
    runs: () => Promise.resolve([sampleImport]),
    exportList: () => Promise.resolve({ name: 'รถหาย.csv', body: Readable.from('\uFEFFPlate number\r\n') }),
    start: () => none,
    stop: () => none,
  };
}
