/** The OpenAPI document and a page to try it, both from the table of routes. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { type Express } from 'express';
import { createDocument } from 'zod-openapi';
import { z } from 'zod';
import { ApiError, FrameUpload } from './contract.ts';
import type { RouteSpec } from './route.ts';

const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const PICTURE_BODY = {
  'multipart/form-data': {
    schema: z
      .object({ image: z.file().describe('the picture itself') })
      .extend(FrameUpload.omit({ image: true }).shape),
  },
  'application/json': { schema: FrameUpload },
};

const FILE_BODY = { 'multipart/form-data': { schema: z.object({ file: z.file().describe('the file itself') }) } };

/** `GET /cameras/:cameraId/keys` → `getCamerasByCameraIdKeys`: a name that generated clients can use. */
const operationId = ({ method, path }: RouteSpec): string =>
  method +
  path
    .split(/[/-]/)
    .filter((part) => part !== '')
    .map((part) => {
      const word = part.replace(':', '');
      return (part.startsWith(':') ? 'By' : '') + word.charAt(0).toUpperCase() + word.slice(1);
    })
    .join('');

function securityOf(needs: RouteSpec['needs']): object[] {
  if (needs === 'public') return [];
  return [needs === 'key' ? { ingestKey: [] } : { session: [] }];
}

function answerOf({ answer, media, status, summary }: RouteSpec): object {
  if (media !== undefined) {
    const schema = { type: 'string', format: 'binary' };
    return { 200: { description: summary, content: { [media]: { schema } } } };
  }
  if (answer === undefined) return { 204: { description: 'Done' } };
  return { [status ?? 200]: { description: summary, content: { 'application/json': { schema: answer } } } };
}

function operation(spec: RouteSpec): object {
  const { needs, params, query, body, takesPicture, takesFile, path, summary } = spec;
  const content =
    takesPicture === true ? PICTURE_BODY : takesFile === true ? FILE_BODY : { 'application/json': { schema: body } };
  const hasBody = body !== undefined || takesPicture === true || takesFile === true;
  const isPermission = needs !== 'public' && needs !== 'key' && needs !== 'session';
  return {
    operationId: operationId(spec),
    summary,
    ...(isPermission ? { description: `Needs the permission \`${needs}\`.` } : {}),
    tags: [path.split('/')[1] ?? ''],
    security: securityOf(needs),
    requestParams: { ...(params === undefined ? {} : { path: params }), ...(query === undefined ? {} : { query }) },
    ...(hasBody ? { requestBody: { required: true, content } } : {}),
    responses: {
      ...answerOf(spec),
      default: { description: 'What is wrong, with its code', content: { 'application/json': { schema: ApiError } } },
    },
  };
}

export function createOpenApi(routes: readonly RouteSpec[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const spec of routes) {
    const path = spec.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [spec.method]: operation(spec) };
  }
  const document: Parameters<typeof createDocument>[0] = {
    openapi: '3.1.0',
    info: {
      title: 'LPR Hub',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Instants are ISO 8601 in UTC; boxes are `[x, y, width, height]` in pixels of the named image. Every error carries a code; people see its translation.',
    },
    servers: [{ url: '/api/v1' }],
    paths,
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'lpr_session',
          description: 'Set by `POST /session`. Requests that change something must come from the hub’s own pages.',
        },
        ingestKey: { type: 'http', scheme: 'bearer', description: "A camera's own key, made on its page." },
      },
    },
  };
  return createDocument(document, {
    override({ jsonSchema }) {
      if (jsonSchema.format !== 'date-time') return;
      // The format says it; the expression behind it is for machines of another kind.
      delete jsonSchema.pattern;
      jsonSchema.examples = ['2026-11-23T08:15:30.000Z'];
    },
  });
}

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>LPR Hub · API</title><link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/api/docs/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script></body></html>`;
const START = `SwaggerUIBundle({ url: '/api/v1/openapi.json', dom_id: '#swagger-ui', tryItOutEnabled: true });`;

/** Everything is served from here: the page works without a network. */
export function addDocs(app: Express): void {
  app.get('/api/docs', (_req, res) => {
    res.type('html').send(PAGE);
  });
  app.get('/api/docs/start.js', (_req, res) => {
    res.type('js').send(START);
  });
  app.use('/api/docs', express.static(swagger, { index: false, maxAge: '1h' }));
}
