import { call } from '../../api/client.ts';
import type { DetectionQuery, DetectionSummary } from '../../api/contract.ts';
import { useGrowingList } from '../../split/growing-list.ts';

const PAGE = 50;

export const useDetectionList = () =>
  useGrowingList<DetectionSummary, DetectionQuery>(
    (one) => one.detectionId,
    (query, cursor, signal) =>
      call('GET /detections', {
        query: { ...query, limit: PAGE, ...(cursor === null ? {} : { cursor }) },
        ...(signal === undefined ? {} : { signal }),
      }),
  );
