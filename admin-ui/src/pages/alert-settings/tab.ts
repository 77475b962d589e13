/** What every tab of these settings does: loads its things, says why it could not, shows what was saved, forgets what was removed. */
import { ref, type Ref } from 'vue';
import { codeOf } from '../../api/problem.ts';
import { useOpened } from '../../split/opened.ts';

export interface SettingsTabState extends ReturnType<typeof useOpened> {
  /** The code of why it could not be loaded. */
  readonly problem: Ref<string | null>;
  readonly load: () => Promise<void>;
  readonly saved: (id: string) => Promise<void>;
  readonly removed: () => Promise<void>;
}

/** Loads at once. */
export function useSettingsTab(fetch: () => Promise<unknown>): SettingsTabState {
  const { openId, open } = useOpened('alert-settings');
  const problem = ref<string | null>(null);
  async function load(): Promise<void> {
    try {
      await fetch();
      problem.value = null;
    } catch (error) {
      problem.value = codeOf(error);
    }
  }
  void load();
  return {
    ...{ openId, open, problem, load },
    async saved(id) {
      await load();
      open(id);
    },
    async removed() {
      open('');
      await load();
    },
  };
}
