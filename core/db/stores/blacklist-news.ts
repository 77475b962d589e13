/** What other processes are told when a list changes: `<blacklistId>` and the numbers of its entries, or none: all of it. */
import { tellNews } from '../news.ts';

/** News hold 4,000 bytes. */
const ENTRIES_EACH = 300;
/** More are told as the whole list: reading all of it is quicker then than looking for each. */
export const ENTRIES_TOLD = 6_000;

interface Client {
  query(sql: string, values: unknown[]): Promise<unknown>;
}

/**
 * In the transaction of the change. Without numbers, or with too many, the whole list is looked at again; with a number that no
 * entry has (0) the list's own facts alone.
 */
export async function tellBlacklist(
  client: Client,
  blacklistId: string,
  entryNos: readonly number[] = [],
): Promise<void> {
  const named = entryNos.length > ENTRIES_TOLD ? [] : entryNos;
  for (let from = 0; from === 0 || from < named.length; from += ENTRIES_EACH) {
    await tellNews(client, 'blacklists', [blacklistId, ...named.slice(from, from + ENTRIES_EACH)].join(' '));
  }
}
