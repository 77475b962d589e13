/** What other processes are told when a list changes: `<blacklistId>` and the numbers of its entries, or none: all of it. */
import { tellNews } from '../news.ts';

/** More are told as the whole list: news hold 4,000 bytes, and reading a list is quicker than thousands of rows one by one. */
const ENTRIES_AT_MOST = 300;

interface Client {
  query(sql: string, values: unknown[]): Promise<unknown>;
}

/** In the transaction of the change. Without numbers, or with too many: the whole list is looked at again. */
export async function tellBlacklist(
  client: Client,
  blacklistId: string,
  entryNos: readonly number[] = [],
): Promise<void> {
  const named = entryNos.length > ENTRIES_AT_MOST ? [] : entryNos;
  await tellNews(client, 'blacklists', [blacklistId, ...named].join(' '));
}
