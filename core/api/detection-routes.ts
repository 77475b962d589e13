import { z } from 'zod';
import { errorCode } from '../errors.ts';
import { detectionAnswer, givenInstant, overt, summaryAnswer } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { createPlateSearch } from './plate-search.ts';
import { found, idParams, route, userOf, type Asker, type RouteSpec } from './route.ts';

const seesCovert = ({ signedIn }: Pick<Asker, 'signedIn'>): boolean =>
  signedIn?.permissions.includes('blacklists.view') === true;

export function detectionRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { detections } = hub;
  const audit = auditOf(hub);
  /** In base64; null for one that retention removed. */
  const pictureOf = (imageId: string): Promise<string | null> =>
    hub.images.read(imageId).then(
      (bytes) => bytes.toString('base64'),
      (error: unknown) => {
        if (errorCode(error) === 'image_removed') return null;
        throw error;
      },
    );
  const searched = createPlateSearch({ hub });
  return [
    route({
      method: 'get',
      path: '/detections',
      needs: 'detections.view',
      summary: 'Detections, newest first',
      query: contract.DetectionQuery,
      answer: contract.DetectionPage,
      async handle({ query, ...asker }) {
        await searched(asker, 'detection.searched', query, {
          ...{ issuingEntity: query.issuingEntity, countryCode: query.countryCode },
          ...{ cameraId: query.cameraId, status: query.status },
        });
        const { plate, issuingEntity = null, countryCode = null, cameraId = null, status = null, ...rest } = query;
        const { from, to, minConfidence = null, plateType = null, isParked = null, cursor = null, limit } = rest;
        const page = await detections.search({
          plate: plate === undefined || plate === '' ? null : plate,
          ...{ issuingEntity, countryCode, cameraId, status, minConfidence, plateType, isParked, cursor, limit },
          from: givenInstant(from),
          to: givenInstant(to),
        });
        const items = page.items.map(summaryAnswer);
        return { items: seesCovert(asker) ? items : items.map(overt), nextCursor: page.nextCursor };
      },
    }),
    route({
      method: 'get',
      path: '/training-pairs',
      needs: 'site.manage',
      summary: 'Corrections as training data, oldest first; pictures only with the consent of the site',
      query: z.object({
        cursor: z.string().max(100).optional(),
        limit: z.coerce.number().int().min(1).max(200).default(100),
      }),
      answer: contract.TrainingPairPage,
      async handle({ query: { cursor = null, limit }, ...asker }) {
        const { trainingPictures } = await hub.access.site();
        const reads = await detections.correctedReads(cursor, limit);
        const items = await Promise.all(
          reads.map(async ({ patch, correctedAt, ...one }) => ({
            ...one,
            correctedAt: correctedAt.toISOString(),
            picture: trainingPictures && patch !== null ? await pictureOf(patch.imageId) : null,
          })),
        );
        await audit(asker, 'training_pairs.exported', null, { count: items.length, pictures: trainingPictures });
        return { items, nextCursor: reads.length === limit ? (reads.at(-1)?.correctionId ?? null) : null };
      },
    }),
    route({
      method: 'get',
      path: '/detections/:detectionId',
      needs: 'detections.view',
      summary: 'A detection with all its reads',
      params: idParams('detectionId'),
      answer: contract.Detection,
      async handle({ params, ...asker }) {
        const answer = detectionAnswer(found(await detections.get(params.detectionId), 'detection'));
        return seesCovert(asker) ? answer : overt(answer);
      },
    }),
    route({
      method: 'post',
      path: '/detections/:detectionId/corrections',
      needs: 'detections.correct',
      summary: 'Correct a detection; its history stays',
      params: idParams('detectionId'),
      body: contract.CorrectionInput,
      answer: contract.Detection,
      status: 201,
      async handle({ params: { detectionId }, body, ...asker }) {
        const detection = await detections.correct(detectionId, body, userOf(asker).userId);
        await audit(asker, 'detection.corrected', detectionId, { kind: body.kind });
        return detectionAnswer(detection);
      },
    }),
    route({
      method: 'post',
      path: '/detections/:detectionId/merges/:mergeId/split',
      needs: 'detections.correct',
      summary: 'Take apart again what a correction joined',
      params: idParams('detectionId', 'mergeId'),
      answer: contract.Detection,
      async handle({ params: { detectionId, mergeId }, ...asker }) {
        const detection = await detections.split(detectionId, mergeId, userOf(asker).userId);
        await audit(asker, 'detection.split', detectionId, { mergeId });
        return detectionAnswer(detection);
      },
    }),
  ];
}
