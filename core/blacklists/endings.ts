/** Once a day: which lists have entries that end soon or wait for a review. What has ended stops by itself, at its time. */
import type { Blacklists } from './blacklists.ts';

export async function writeEndings(
  blacklists: Pick<Blacklists, 'list'>,
  audit: (action: string, subject: string, details: Readonly<Record<string, unknown>>) => Promise<void>,
): Promise<void> {
  for (const { blacklistId, endingCount: ending, toReviewCount: toReview } of await blacklists.list()) {
    if (ending + toReview > 0) await audit('blacklist.expiring', blacklistId, { ending, toReview });
  }
}
