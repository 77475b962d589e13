/** Why one searches by plate, where the site asks for it: said once, kept until the tab is closed, shown all the time. */
import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { useSession } from '../session/session.ts';

const STORED = 'lpr.searchReason';

export interface Why {
  readonly reason?: string;
  readonly caseNumber?: string;
}

function stored(): Why {
  try {
    return JSON.parse(sessionStorage.getItem(STORED) ?? '{}') as Why;
  } catch {
    // Somebody else's words under our name: as if nothing had been said.
    return {};
  }
}

export const useSearchReason = defineStore('search-reason', () => {
  const session = useSession();
  const said = ref<Why>(stored());
  const needs = computed(() => session.site?.searchReason ?? 'none');
  const isMissing = computed(
    () =>
      (needs.value !== 'none' && said.value.reason === undefined) ||
      (needs.value === 'case' && said.value.caseNumber === undefined),
  );

  function say(reason: string, caseNumber: string): void {
    const [why, number] = [reason.trim(), caseNumber.trim()];
    said.value = { ...(why === '' ? {} : { reason: why }), ...(number === '' ? {} : { caseNumber: number }) };
    sessionStorage.setItem(STORED, JSON.stringify(said.value));
  }

  return { said, needs, isMissing, say };
});
