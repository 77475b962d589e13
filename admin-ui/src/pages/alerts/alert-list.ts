import { call } from '../../api/client.ts';
import type { Alert, AlertQuery } from '../../api/contract.ts';
import { useGrowingList } from '../../split/growing-list.ts';

const PAGE = 50;

export const useAlertList = () =>
  useGrowingList<Alert, AlertQuery>(
    (one) => one.alertId,
    (query, cursor, signal) =>
      call('GET /alerts', {
        query: { ...query, limit: PAGE, ...(cursor === null ? {} : { cursor }) },
        ...(signal === undefined ? {} : { signal }),
      }),
  );
