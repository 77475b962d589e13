/** Lists, entries and hits as tests make them: only what matters is said. */
import type { BlacklistEntryInput, BlacklistInput } from '../core/blacklists/blacklists.ts';
import { EXACT_POLICY } from '../core/blacklists/match-policy.ts';
import type { HitPart } from '../core/message.ts';
import type { News } from '../core/news.ts';

export const aList = (list: Partial<BlacklistInput> = {}): BlacklistInput => ({
  ...{ name: 'Stolen', category: 'stolen', priority: 90, colour: null, sound: null, isCovert: false },
  ...{ policy: EXACT_POLICY, defaultValidityDays: null, warnDays: 14, needsReason: 'none' },
  ...list,
});

export const anEntry = (entry: Partial<BlacklistEntryInput> = {}): BlacklistEntryInput => ({
  ...{ plateNumber: '1กก1234', issuingEntity: null, countryCode: null, plateType: null, reason: null },
  ...{ validFrom: null, reviewAt: null, confidence: 1, agency: null, reference: null, notes: null },
  ...entry,
});

export const aHit = (hit: Partial<HitPart> = {}): HitPart => ({
  ...{ hitId: 'h1', blacklistId: 'b1', blacklistName: 'Stolen', entryId: 'e1', category: 'stolen', priority: 90 },
  ...{ matchedBy: 'exact', confidence: 0.9, reason: null, entryPlateNumber: '1กก1234', entryIssuingEntity: 'TH-10' },
  ...{ differences: [], isCovert: false, colour: null, sound: null, listedAt: '2026-11-23T08:15:30.250Z', isNew: true },
  ...hit,
});

/** For a room that nobody tells anything. */
export const noNews: Pick<News, 'on'> = { on: () => () => undefined };
