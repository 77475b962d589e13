/** Blacklists, their entries, and hits. */
import type {
  Blacklist,
  BlacklistAttachment,
  BlacklistAttachmentInput,
  BlacklistChange,
  BlacklistDetail,
  BlacklistEntriesRemoval,
  BlacklistEntry,
  BlacklistEntryChange,
  BlacklistEntryInput,
  BlacklistEntryPage,
  BlacklistEntryQuery,
  BlacklistExpiring,
  BlacklistInput,
  BlacklistWhy,
  HitCounts,
  HitDecisionInput,
  HitDecisions,
  HitDecisionsInput,
  HitItem,
  HitPage,
  HitQuery,
  NewPolicyPreviewInput,
  PolicyPreview,
  PolicyPreviewInput,
} from './contract.ts';

export interface BlacklistEndpoints {
  'GET /blacklists': { answer: { readonly items: readonly Blacklist[] } };
  'POST /blacklists': { body: BlacklistInput; answer: Blacklist };
  'POST /blacklists/policy-preview': { body: NewPolicyPreviewInput; answer: PolicyPreview };
  'GET /blacklists/:blacklistId': { answer: BlacklistDetail };
  'PATCH /blacklists/:blacklistId': { body: BlacklistChange; answer: Blacklist };
  'DELETE /blacklists/:blacklistId': { answer: unknown };
  'POST /blacklists/:blacklistId/policy-preview': { body: PolicyPreviewInput; answer: PolicyPreview };
  'GET /blacklists/:blacklistId/entries': { query: BlacklistEntryQuery; answer: BlacklistEntryPage };
  'GET /blacklists/:blacklistId/expiring': { query: BlacklistWhy & { days?: number }; answer: BlacklistExpiring };
  'POST /blacklists/:blacklistId/entries': { body: BlacklistEntryInput; answer: BlacklistEntry };
  'GET /blacklists/:blacklistId/entries/:entryId': { query: BlacklistWhy; answer: BlacklistEntry };
  'PATCH /blacklists/:blacklistId/entries/:entryId': { body: BlacklistEntryChange; answer: BlacklistEntry };
  'DELETE /blacklists/:blacklistId/entries/:entryId': { answer: unknown };
  'POST /blacklists/:blacklistId/entries/remove': {
    body: BlacklistEntriesRemoval;
    answer: { readonly removed: number };
  };
  'POST /blacklists/:blacklistId/entries/:entryId/attachments': {
    body: BlacklistAttachmentInput;
    answer: BlacklistAttachment;
  };
  'DELETE /blacklists/:blacklistId/entries/:entryId/attachments/:attachmentId': { answer: unknown };
  'GET /hits': { query: HitQuery; answer: HitPage };
  'GET /hits/counts': { answer: HitCounts };
  'POST /hits/decisions': { body: HitDecisionsInput; answer: HitDecisions };
  'GET /hits/:hitId': { answer: HitItem };
  'POST /hits/:hitId/decision': { body: HitDecisionInput; answer: HitItem };
}
