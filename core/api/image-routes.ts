/** How long pictures are kept, what was removed, what is held for a case. The pictures themselves: `frame-routes.ts`. */
import { z } from 'zod';
import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { idParams, listOf, route, userOf, type RouteSpec } from './route.ts';

export function imageRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { retention } = hub;
  const audit = auditOf(hub);
  return [
    route({
      method: 'get',
      path: '/retention',
      needs: 'site.manage',
      summary: 'How long pictures are kept',
      answer: contract.RetentionState,
      handle: async () => wire(await retention.state()),
    }),
    route({
      method: 'patch',
      path: '/retention',
      needs: 'site.manage',
      summary: 'Change how long pictures are kept; all of the rules',
      body: contract.RetentionPolicy,
      answer: contract.RetentionState,
      async handle({ body, ...asker }) {
        await retention.setPolicy(body, userOf(asker).userId);
        await audit(asker, 'retention.changed', null, { ...body });
        return wire(await retention.state());
      },
    }),
    route({
      method: 'post',
      path: '/retention/preview',
      needs: 'site.manage',
      summary: 'What such rules would remove now; nothing is touched',
      body: contract.RetentionPolicy,
      answer: contract.RetentionPreview,
      handle: async ({ body }) => wire(await retention.preview(body)),
    }),
    route({
      method: 'post',
      path: '/retention/sweep',
      needs: 'site.manage',
      summary: 'Apply the rules now rather than within the hour; ask for the state to see how it went',
      answer: contract.RetentionState,
      async handle(asker) {
        await audit(asker, 'retention.started', null);
        // It may take minutes; how it ends stands in the state, and in the log of removals.
        void retention.sweep();
        return wire(await retention.state());
      },
    }),
    route({
      method: 'get',
      path: '/retention/removals',
      needs: 'audit.view',
      summary: 'Pictures that were removed and why, newest first',
      query: z.object({
        limit: z.coerce.number().int().min(1).max(200).default(50),
        before: z
          .string()
          .regex(/^\d{1,18}$/)
          .optional()
          .describe('the removalId of the last one of the page before'),
      }),
      answer: listOf(contract.ImageRemoval),
      handle: async ({ query: { limit, before = null } }) => ({
        items: wire(await retention.removals({ limit, before })),
      }),
    }),
    route({
      method: 'get',
      path: '/detections/:detectionId/holds',
      needs: 'detections.view',
      summary: "Whether a detection's pictures are held for a case, and since when; newest first",
      params: idParams('detectionId'),
      answer: listOf(contract.DetectionHold),
      handle: async ({ params }) => ({ items: wire(await retention.holds(params.detectionId)) }),
    }),
    route({
      method: 'post',
      path: '/detections/:detectionId/holds',
      needs: 'detections.hold',
      summary: "Keep a detection's pictures whatever their age, or end that",
      params: idParams('detectionId'),
      body: contract.DetectionHoldInput,
      answer: listOf(contract.DetectionHold),
      status: 201,
      async handle({ params: { detectionId }, body: { kind, reason }, ...asker }) {
        await retention.hold(detectionId, kind, reason, userOf(asker).userId);
        await audit(asker, kind === 'hold' ? 'detection.held' : 'detection.released', detectionId);
        return { items: wire(await retention.holds(detectionId)) };
      },
    }),
  ];
}
