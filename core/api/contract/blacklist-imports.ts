/**
 * Blacklists from files and other systems: what is read how, the difference before it is applied, sources on a schedule, export.
 *
 *     GET    /blacklist-layouts                          { items: ImportLayout[] }
 *     GET    /blacklists/:blacklistId/import-settings    ImportSettings; PATCH takes ImportSettingsChange
 *     POST   /blacklists/:blacklistId/imports            multipart, one part `file` → BlacklistImport, state `uploaded`
 *     GET    /blacklists/:blacklistId/imports            { items: BlacklistImport[] }, newest first, of sources too
 *     GET    /blacklist-imports/:importId                BlacklistImport: ask again while it is reading or applying
 *     POST   /blacklist-imports/:importId/preview        ImportPreviewAsk → ImportPreview
 *     POST   /blacklist-imports/:importId/stage          ImportStage → BlacklistImport, state `reading`; again with another plan
 *     GET    /blacklist-imports/:importId/changes        ?kind=added&cursor=&limit= → ImportChangePage
 *     POST   /blacklist-imports/:importId/apply          ImportApply → BlacklistImport, state `applying`
 *     POST   /blacklist-imports/:importId/discard
 *     GET    /blacklists/:blacklistId/sources            { items: BlacklistSource[] }; POST takes BlacklistSourceInput
 *     GET    /blacklist-sources                          { items: BlacklistSource[] }, of all lists: which fail or are overdue
 *     PATCH  /blacklist-sources/:sourceId                BlacklistSourceChange → BlacklistSource; DELETE removes it
 *     POST   /blacklist-sources/:sourceId/test           → SourceTest: fetches and shows, changes nothing
 *     POST   /blacklist-sources/:sourceId/run            now
 *     POST   /blacklist-sources/:sourceId/forget-key     the next host key is trusted as the first one
 *     GET    /blacklist-sources/:sourceId/runs           { items: BlacklistImport[] }, newest first
 *     POST   /blacklists/:blacklistId/export             BlacklistExport → the file
 */
import { z } from 'zod';
import { config, id, instant } from './primitives.ts';

/** What a column of a file can be to an entry. `category` is taken as the reason where no column is one, and can be filtered by. */
export const ImportField = z
  .enum([
    ...['plateNumber', 'issuingEntity', 'countryCode', 'plateType', 'validFrom', 'validTo', 'reviewAt'],
    ...['reason', 'agency', 'reference', 'notes', 'category', 'confidence'],
  ] as const)
  .meta({ id: 'ImportField' });
export type ImportField = z.infer<typeof ImportField>;

const encoding = z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-874']);
const delimiter = z.enum([',', ';', '\t', '|', ':']);
const format = z.enum(['delimited', 'fixed', 'xlsx']);

/** How the file is read. `auto` and null: the hub looks for itself, and tells what it found. */
export const ImportReading = z
  .object({
    layout: z.string().max(60).nullable().describe('one of the layouts; null: by what the file looks like'),
    format: z.union([z.literal('auto'), format]),
    encoding: z.union([z.literal('auto'), encoding]),
    delimiter: z.union([z.literal('auto'), delimiter]),
    headerLines: z.int().min(0).max(50).nullable().describe('lines before the first entry; the last names the columns'),
    sheet: z.string().max(100).nullable().describe('of a workbook; null: the first'),
    widths: z
      .array(z.object({ name: z.string().min(1).max(60), start: z.int().min(0), end: z.int().min(1).nullable() }))
      .max(60)
      .describe('of a fixed width file without a layout: columns from `start` up to before `end`, null: to the end'),
  })
  .meta({ id: 'ImportReading' });
export type ImportReading = z.infer<typeof ImportReading>;

/**
 * Field → names of its columns, as `ImportPreview.columns` names them; mostly one. Several are joined in this order: series and
 * number of a plate, make and colour in the notes. A field that is left out has no column.
 */
export const ImportMap = z
  .partialRecord(ImportField, z.array(z.string().min(1).max(200)).min(1).max(8))
  .meta({ id: 'ImportMap' });
export type ImportMap = z.infer<typeof ImportMap>;

export const ImportPlan = z
  .object({
    mode: z.enum(['replace', 'add']).describe('replace: the file is the whole list; add: it adds to the list'),
    reading: ImportReading,
    map: ImportMap,
    values: z.object({
      dateOrder: z.enum(['auto', 'dmy', 'mdy', 'ymd']),
      countryCode: z
        .string()
        .regex(/^[A-Z]{2}$/)
        .nullable()
        .describe('of rows that name none and whose province or state does not tell'),
      categories: z.array(z.string().max(100)).max(100).describe('only rows of these; empty: all rows'),
      duplicates: z
        .enum(['merge', 'refuse'])
        .describe('the same plate twice in a file; merge: the last row counts; refuse: a fault of the later row'),
    }),
  })
  .meta({ id: 'ImportPlan' });
export type ImportPlan = z.infer<typeof ImportPlan>;

export const ImportLayout = z
  .object({
    layoutId: id,
    name: z.string().describe('as the vendor or agency calls it'),
    country: z.string().nullable(),
    format,
    delimiter: delimiter.nullable(),
    headerLines: z.int(),
    columns: z.array(
      z.object({ name: z.string(), field: ImportField.nullable(), start: z.int().nullable(), end: z.int().nullable() }),
    ),
    source: z.string().describe('where the layout is described'),
  })
  .meta({ id: 'ImportLayout' });
export type ImportLayout = z.infer<typeof ImportLayout>;

const problems = z.array(z.object({ field: z.string(), problem: z.string() }));
const entryTexts = z
  .partialRecord(ImportField, z.string())
  .describe('instants as ISO 8601, provinces and countries as codes; what is empty is left out');

/** What the hub found in the file. */
export const ImportFound = z
  .object({
    layout: z.string().nullable(),
    format,
    encoding: encoding.nullable().describe('null: a workbook'),
    delimiter: delimiter.nullable(),
    headerLines: z.int(),
    sheet: z.string().nullable(),
    sheets: z.array(z.string()),
    columns: z.array(z.string()),
    dateOrder: z.enum(['dmy', 'mdy', 'ymd']).nullable(),
  })
  .meta({ id: 'ImportFound' });
export type ImportFound = z.infer<typeof ImportFound>;

export const ImportPreview = z
  .object({
    found: ImportFound,
    plan: ImportPlan.describe('what would be used: what was asked for, remembered, and else guessed'),
    isRemembered: z.boolean().describe('the map comes from an earlier import of this list or source'),
    columns: z.array(z.object({ name: z.string(), samples: z.array(z.string()), guess: ImportField.nullable() })),
    rows: z
      .array(z.object({ row: z.int(), cells: z.array(z.string()), entry: entryTexts, problems }))
      .describe('the first 20'),
  })
  .meta({ id: 'ImportPreview' });
export type ImportPreview = z.infer<typeof ImportPreview>;

/** What is left out is as remembered, or as the hub finds it. */
export const ImportPreviewAsk = z.object({ plan: ImportPlan.partial().optional() }).meta({ id: 'ImportPreviewAsk' });
export type ImportPreviewAsk = z.infer<typeof ImportPreviewAsk>;
export const ImportStage = z.object({ plan: ImportPlan }).meta({ id: 'ImportStage' });
export type ImportStage = z.infer<typeof ImportStage>;

export const ImportState = z
  .enum(['uploaded', 'reading', 'ready', 'refused', 'applying', 'applied', 'unchanged', 'failed', 'discarded'])
  .describe(
    'uploaded: preview, then stage; reading: being staged and compared; ready: look at the difference, then apply or discard; ' +
      'refused: as ready, but a source could not apply it by itself (`problem` says why); unchanged: the source had nothing new',
  );
export type ImportState = z.infer<typeof ImportState>;

export const BlacklistImport = z
  .object({
    importId: id,
    blacklistId: id,
    sourceId: id.nullable().describe('null: uploaded'),
    state: ImportState,
    fileName: z.string().nullable(),
    bytes: z.number().nullable(),
    createdBy: z.string().nullable(),
    createdAt: instant,
    endedAt: instant.nullable(),
    plan: ImportPlan.nullable(),
    found: ImportFound.nullable(),
    progress: z
      .object({ step: z.enum(['reading', 'comparing', 'applying']), rows: z.int(), share: z.number().nullable() })
      .nullable()
      .describe('while it runs; share 0..1 of the file, where it can be told'),
    counts: z
      .object({
        rows: z.int().describe('of the file, without headers'),
        added: z.int(),
        removed: z.int(),
        changed: z.int(),
        unchanged: z.int(),
        faulty: z.int(),
        duplicates: z.int().describe('rows that a later row of the same plate replaces'),
        byHand: z.int().describe('rows whose plate somebody entered by hand: that entry stays as it is'),
        filtered: z.int().describe('rows of categories that are not taken'),
      })
      .nullable(),
    shrink: z
      .object({
        share: z.number().describe('removed entries of all that came from files, 0..1'),
        limit: z.number(),
        isTooMuch: z.boolean().describe('apply wants `confirmRemoved` with the number of removed entries'),
      })
      .nullable(),
    leftOut: z.int().describe('faulty rows that were left out when it was applied'),
    problem: z.object({ code: z.string(), message: z.string(), problems: problems.optional() }).nullable(),
  })
  .meta({ id: 'BlacklistImport' });
export type BlacklistImport = z.infer<typeof BlacklistImport>;

export const ImportChangeKind = z.enum(['added', 'removed', 'changed', 'unchanged', 'faulty', 'duplicate', 'byHand']);
export type ImportChangeKind = z.infer<typeof ImportChangeKind>;
export const ImportChange = z
  .object({
    kind: ImportChangeKind,
    row: z
      .int()
      .nullable()
      .describe('of the file, from 1, headers counted; null: an entry that the file does not have'),
    before: entryTexts.nullable(),
    after: entryTexts.nullable(),
    changedFields: z.array(ImportField),
    problems,
  })
  .meta({ id: 'ImportChange' });
export type ImportChange = z.infer<typeof ImportChange>;
export const ImportChangePage = z
  .object({ items: z.array(ImportChange), nextCursor: z.string().nullable() })
  .meta({ id: 'ImportChangePage' });
export type ImportChangePage = z.infer<typeof ImportChangePage>;

export const ImportApply = z
  .object({
    confirmRemoved: z
      .int()
      .min(0)
      .nullable()
      .default(null)
      .describe('the number of entries that go, where the list shrinks by more than its share'),
    leaveOutFaulty: z.boolean().default(false).describe('apply the rest; false: one faulty row refuses all'),
  })
  .meta({ id: 'ImportApply' });
export type ImportApply = z.input<typeof ImportApply>;

/** How a list takes files. */
export const ImportSettings = z
  .object({
    shrinkLimit: z
      .number()
      .min(0)
      .max(1)
      .describe('share of the entries from files that may go without being confirmed'),
    isFileOwned: z.boolean().describe('a file that replaces the list also removes entries that were added by hand'),
    plan: ImportPlan.nullable().describe('as the last upload was read'),
  })
  .meta({ id: 'ImportSettings' });
export type ImportSettings = z.infer<typeof ImportSettings>;
export const ImportSettingsChange = z
  .object({ shrinkLimit: z.number().min(0).max(1), isFileOwned: z.boolean() })
  .partial()
  .meta({ id: 'ImportSettingsChange' });
export type ImportSettingsChange = z.infer<typeof ImportSettingsChange>;

export const SourceSchedule = z
  .discriminatedUnion('every', [
    z.object({ every: z.literal('minutes'), count: z.int().min(1).max(59) }),
    z.object({ every: z.literal('hours'), count: z.int().min(1).max(23) }),
    z.object({ every: z.literal('day'), at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/) }),
    z.object({ every: z.literal('never') }),
  ])
  .describe("day: at this time of the site's clock; never: only by its button")
  .meta({ id: 'SourceSchedule' });
export type SourceSchedule = z.infer<typeof SourceSchedule>;

const source = {
  name: z.string().trim().min(1).max(100),
  config,
  enabled: z.boolean(),
  schedule: SourceSchedule,
  plan: ImportPlan.partial().describe('what is left out is found in each file'),
  leaveOutFaulty: z.boolean().describe('apply the rest when rows are faulty; false: such a file waits for a person'),
  allowPrivate: z.boolean().describe("the address may lie on the hub's own machine or network"),
};
export const BlacklistSourceInput = z
  .object({
    ...source,
    plugin: z.string().min(1).describe('id of a plugin of kind listSource'),
    enabled: source.enabled.default(true),
    plan: source.plan.default({}),
    leaveOutFaulty: source.leaveOutFaulty.default(false),
    allowPrivate: source.allowPrivate.default(false),
  })
  .meta({ id: 'BlacklistSourceInput' });
export type BlacklistSourceInput = z.input<typeof BlacklistSourceInput>;
/** Without defaults: what is left out stays. */
export const BlacklistSourceChange = z.object(source).partial().meta({ id: 'BlacklistSourceChange' });
export type BlacklistSourceChange = z.infer<typeof BlacklistSourceChange>;

export const BlacklistSource = z
  .object({
    sourceId: id,
    blacklistId: id,
    plugin: z.string(),
    ...source,
    createdAt: instant,
    state: z.object({
      isRunning: z.boolean(),
      nextRunAt: instant.nullable(),
      lastRunAt: instant.nullable(),
      lastSuccessAt: instant.nullable().describe('when it last said what the list is, also that nothing changed'),
      isOverdue: z.boolean().describe('no success for twice its interval'),
      waitingImportId: id.nullable().describe('a file that waits for a person: look at its difference'),
      problem: z.object({ code: z.string(), message: z.string(), at: instant }).nullable(),
      hostKey: z
        .string()
        .nullable()
        .describe('of an SFTP server, as first seen (SHA256:…): another key is refused until this one is forgotten'),
    }),
  })
  .meta({ id: 'BlacklistSource' });
export type BlacklistSource = z.infer<typeof BlacklistSource>;

export const SourceTest = z
  .object({
    fileName: z.string().nullable(),
    bytes: z.number().nullable().describe('null: not told before it is fetched'),
    hostKey: z.string().nullable(),
    preview: ImportPreview,
  })
  .meta({ id: 'SourceTest' });
export type SourceTest = z.infer<typeof SourceTest>;

export const BlacklistExport = z
  .object({ format: z.enum(['csv', 'xlsx']), reason: z.string().trim().min(3).max(500) })
  .meta({ id: 'BlacklistExport' });
export type BlacklistExport = z.infer<typeof BlacklistExport>;
