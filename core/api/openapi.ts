/** The OpenAPI document and a page to try it, both from the table of routes. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { type Router } from 'express';
import { createDocument } from 'zod-openapi';
import { z } from 'zod';
import { ApiError, FrameUpload } from './contract.ts';
import type { RouteSpec } from './route.ts';

const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

function operation(spec: RouteSpec): object {
  const answer = { description: spec.summary };
  const status = spec.answer === undefined ? '204' : String(spec.status ?? 200);
  const picture = {
    'application/json': { schema: FrameUpload },
    'multipart/form-data': {
      schema: FrameUpload.omit({ image: true }).extend({ image: z.file().describe('the picture itself') }),
    },
  };
  const body = spec.takesPicture === true ? picture : { 'application/json': { schema: spec.body } };
  return {
    summary: spec.summary,
    tags: [spec.path.split('/')[1] ?? ''],
    security: spec.needs === 'public' ? [] : [spec.needs === 'key' ? { ingestKey: [] } : { session: [] }],
    requestParams: {
      ...(spec.params === undefined ? {} : { path: spec.params }),
      ...(spec.query === undefined ? {} : { query: spec.query }),
    },
    ...(spec.body === undefined && spec.takesPicture !== true ? {} : { requestBody: { content: body } }),
    responses: {
      [status]:
        spec.answer === undefined ? answer : { ...answer, content: { 'application/json': { schema: spec.answer } } },
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
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'LPR Hub', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/api/v1' }],
    paths: paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'lpr_session' },
        ingestKey: { type: 'http', scheme: 'bearer' },
      },
    },
  });
}

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>LPR Hub · API</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script></body></html>`;
const START = `SwaggerUIBundle({ url: '/api/v1/openapi.json', dom_id: '#swagger-ui', tryItOutEnabled: true });`;

/** Everything is served from here: the page works without a network. */
export function addDocs(router: Router): void {
  router.get('/api/docs', (_req, res) => {
    res.type('html').send(PAGE);
  });
  router.get('/api/docs/start.js', (_req, res) => {
    res.type('js').send(START);
  });
  router.use('/api/docs', express.static(swagger, { index: false }));
}
