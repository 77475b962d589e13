import { defineStore } from 'pinia';
import { ref } from 'vue';
import type { Blacklist, BlacklistWhy } from '../api/contract.ts';

/**
 * Why one looks at lists that ask for it: given once and sent with every question about that list until the page is left for
 * good or another reason is given. The hub writes it down each time.
 */
export const useWhys = defineStore('whys', () => {
  const given = ref<Readonly<Record<string, BlacklistWhy>>>({});

  function of(blacklistId: string): BlacklistWhy {
    return given.value[blacklistId] ?? {};
  }
  function isMissing(list: Pick<Blacklist, 'blacklistId' | 'needsReason'>): boolean {
    const { reason, caseNumber } = of(list.blacklistId);
    if (list.needsReason === 'none') return false;
    return reason === undefined || (list.needsReason === 'case' && caseNumber === undefined);
  }
  function give(blacklistId: string, why: BlacklistWhy): void {
    given.value = { ...given.value, [blacklistId]: why };
  }
  function forget(blacklistId: string): void {
    given.value = Object.fromEntries(Object.entries(given.value).filter(([id]) => id !== blacklistId));
  }

  return { of, isMissing, give, forget };
});
