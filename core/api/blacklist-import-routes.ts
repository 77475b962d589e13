/** Blacklists from files and other systems. */
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { BlacklistSource } from '../blacklists/imports.ts';
import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { receiveFile } from './receive-file.ts';
import { idParams, listOf, route, userOf, type RouteSpec } from './route.ts';

const needs = 'blacklists.manage';
const MEDIA = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;

const sourceAnswer = (source: BlacklistSource): contract.BlacklistSource => ({
  ...(wire(source) as unknown as contract.BlacklistSource),
  config: source.config as contract.BlacklistSource['config'],
});

function importRoutesOf({ hub }: RouteOptions): RouteSpec[] {
  const { blacklistImports: imports } = hub;
  const audit = auditOf(hub);
  return [
    route({
      method: 'get',
      path: '/blacklist-layouts',
      needs,
      summary: 'Layouts of lists that the hub knows',
      answer: listOf(contract.ImportLayout),
      handle: () => Promise.resolve({ items: wire(imports.layouts()) }),
    }),
    route({
      method: 'get',
      path: '/blacklists/:blacklistId/import-settings',
      needs,
      summary: 'How a list takes files',
      params: idParams('blacklistId'),
      answer: contract.ImportSettings,
      handle: async ({ params }) => wire(await imports.settings(params.blacklistId)),
    }),
    route({
      method: 'patch',
      path: '/blacklists/:blacklistId/import-settings',
      needs,
      summary: 'Change how a list takes files; what is left out stays',
      params: idParams('blacklistId'),
      body: contract.ImportSettingsChange,
      answer: contract.ImportSettings,
      async handle({ params: { blacklistId }, body, ...asker }) {
        const settings = await imports.changeSettings(blacklistId, body);
        await audit(asker, 'blacklist.import_settings_changed', blacklistId, body);
        return wire(settings);
      },
    }),
    route({
      method: 'post',
      path: '/blacklists/:blacklistId/imports',
      needs,
      summary: 'Upload a file for a list: it is kept, and nothing is read yet',
      params: idParams('blacklistId'),
      takesFile: true,
      answer: contract.BlacklistImport,
      status: 201,
      async handle({ params: { blacklistId }, req, res, ...asker }) {
        const { userId } = userOf(asker);
        const uploaded = await receiveFile(req, res, (file) => imports.upload(blacklistId, file, userId));
        const { importId, fileName, bytes } = uploaded;
        await audit(asker, 'blacklist_import.uploaded', importId, { blacklistId, fileName, bytes });
        return wire(uploaded);
      },
    }),
    route({
      method: 'get',
      path: '/blacklists/:blacklistId/imports',
      needs,
      summary: 'Imports of a list, newest first',
      params: idParams('blacklistId'),
      answer: listOf(contract.BlacklistImport),
      handle: async ({ params }) => ({ items: wire(await imports.list(params.blacklistId)) }),
    }),
    route({
      method: 'get',
      path: '/blacklist-imports/:importId',
      needs,
      summary: 'An import, and how far it is',
      params: idParams('importId'),
      answer: contract.BlacklistImport,
      handle: async ({ params }) => wire(await imports.get(params.importId)),
    }),
    route({
      method: 'post',
      path: '/blacklist-imports/:importId/preview',
      needs,
      summary: 'The first rows of a file, and how they would be read',
      params: idParams('importId'),
      body: contract.ImportPreviewAsk,
      answer: contract.ImportPreview,
      handle: async ({ params: { importId }, body: { plan = {} } }) => wire(await imports.preview(importId, plan)),
    }),
    route({
      method: 'post',
      path: '/blacklist-imports/:importId/stage',
      needs,
      summary: 'Read all rows and compare them with the list, in the background',
      params: idParams('importId'),
      body: contract.ImportStage,
      answer: contract.BlacklistImport,
      async handle({ params: { importId }, body: { plan }, ...asker }) {
        const staged = await imports.stage(importId, plan);
        await audit(asker, 'blacklist_import.staged', importId, { blacklistId: staged.blacklistId, mode: plan.mode });
        return wire(staged);
      },
    }),
    route({
      method: 'get',
      path: '/blacklist-imports/:importId/changes',
      needs,
      summary: 'The difference, one kind of change at a time; reading it is written down',
      params: idParams('importId'),
      query: z.object({
        kind: contract.ImportChangeKind.default('added'),
        cursor: z.string().max(40).optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
      answer: contract.ImportChangePage,
      async handle({ params: { importId }, query: { kind, cursor = null, limit }, ...asker }) {
        const page = await imports.changes(importId, { kind, cursor, limit });
        await audit(asker, 'blacklist_import.viewed', importId, { kind });
        return wire(page);
      },
    }),
    route({
      method: 'post',
      path: '/blacklist-imports/:importId/apply',
      needs,
      summary: 'Apply the difference, all or nothing, in the background',
      params: idParams('importId'),
      body: contract.ImportApply,
      answer: contract.BlacklistImport,
      async handle({ params: { importId }, body, ...asker }) {
        const applied = await imports.apply(importId, body, userOf(asker).userId);
        const { blacklistId, counts } = applied;
        await audit(asker, 'blacklist_import.applied', importId, { blacklistId, ...body, ...counts });
        return wire(applied);
      },
    }),
    route({
      method: 'post',
      path: '/blacklist-imports/:importId/discard',
      needs,
      summary: 'Discard an import',
      params: idParams('importId'),
      async handle({ params: { importId }, ...asker }) {
        await imports.discard(importId);
        await audit(asker, 'blacklist_import.discarded', importId);
      },
    }),
  ];
}

function sourceRoutesOf({ hub }: RouteOptions): RouteSpec[] {
  const { blacklistImports: imports } = hub;
  const audit = auditOf(hub);
  const params = idParams('sourceId');
  return [
    route({
      method: 'get',
      path: '/blacklist-sources',
      needs,
      summary: 'Sources of all lists, and how they go',
      answer: listOf(contract.BlacklistSource),
      handle: async () => ({ items: (await imports.sources(null)).map(sourceAnswer) }),
    }),
    route({
      method: 'get',
      path: '/blacklists/:blacklistId/sources',
      needs,
      summary: 'Where a list comes from by itself, and how that goes',
      params: idParams('blacklistId'),
      answer: listOf(contract.BlacklistSource),
      handle: async ({ params: { blacklistId } }) => ({
        items: (await imports.sources(blacklistId)).map(sourceAnswer),
      }),
    }),
    route({
      method: 'post',
      path: '/blacklists/:blacklistId/sources',
      needs,
      summary: 'Add a source',
      params: idParams('blacklistId'),
      body: contract.BlacklistSourceInput,
      answer: contract.BlacklistSource,
      status: 201,
      async handle({ params: { blacklistId }, body, ...asker }) {
        const source = await imports.createSource(blacklistId, body, userOf(asker).userId);
        const { sourceId, name, plugin } = source;
        await audit(asker, 'blacklist_source.created', sourceId, { blacklistId, name, plugin });
        return sourceAnswer(source);
      },
    }),
    route({
      method: 'patch',
      path: '/blacklist-sources/:sourceId',
      needs,
      summary: 'Change a source; what is left out stays',
      params,
      body: contract.BlacklistSourceChange,
      answer: contract.BlacklistSource,
      async handle({ params: { sourceId }, body, ...asker }) {
        const source = await imports.updateSource(sourceId, body);
        await audit(asker, 'blacklist_source.changed', sourceId, { fields: Object.keys(body) });
        return sourceAnswer(source);
      },
    }),
    route({
      method: 'delete',
      path: '/blacklist-sources/:sourceId',
      needs,
      summary: 'Remove a source; the entries that it brought stay',
      params,
      async handle({ params: { sourceId }, ...asker }) {
        await imports.removeSource(sourceId);
        await audit(asker, 'blacklist_source.removed', sourceId);
      },
    }),
    route({
      method: 'post',
      path: '/blacklist-sources/:sourceId/test',
      needs,
      summary: 'Fetch from a source and show the first rows; changes nothing',
      params,
      answer: contract.SourceTest,
      async handle({ params: { sourceId }, ...asker }) {
        const test = await imports.testSource(sourceId);
        await audit(asker, 'blacklist_source.tested', sourceId);
        return wire(test);
      },
    }),
    route({
      method: 'post',
      path: '/blacklist-sources/:sourceId/run',
      needs,
      summary: 'Fetch from a source as soon as may be',
      params,
      async handle({ params: { sourceId }, ...asker }) {
        await imports.runSource(sourceId);
        await audit(asker, 'blacklist_source.run', sourceId);
      },
    }),
    route({
      method: 'post',
      path: '/blacklist-sources/:sourceId/forget-key',
      needs,
      summary: 'Forget the key of an SFTP server: the next one is trusted',
      params,
      async handle({ params: { sourceId }, ...asker }) {
        await imports.forgetHostKey(sourceId);
        await audit(asker, 'blacklist_source.key_forgotten', sourceId);
      },
    }),
    route({
      method: 'get',
      path: '/blacklist-sources/:sourceId/runs',
      needs,
      summary: 'What a source brought, newest first',
      params,
      answer: listOf(contract.BlacklistImport),
      handle: async ({ params: { sourceId } }) => ({ items: wire(await imports.runs(sourceId)) }),
    }),
  ];
}

export const blacklistImportRoutes = (options: RouteOptions): RouteSpec[] => {
  const { blacklistImports: imports } = options.hub;
  const audit = auditOf(options.hub);
  return [
    ...importRoutesOf(options),
    ...sourceRoutesOf(options),
    route({
      method: 'post',
      path: '/blacklists/:blacklistId/export',
      needs,
      summary: 'All entries of a list as a file; who took it, and why, is written down',
      params: idParams('blacklistId'),
      body: contract.BlacklistExport,
      media: 'application/octet-stream',
      async handle({ params: { blacklistId }, body: { format, reason }, res, ...asker }) {
        const { name, body } = await imports.exportList(blacklistId, format);
        await audit(asker, 'blacklist.exported', blacklistId, { format, reason });
        res.status(200).type(MEDIA[format]);
        res.set('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`);
        await pipeline(body, res);
      },
    }),
  ];
};
