/** A geofence while it is made or changed: what it is, what the hub says of its shape, and the way back. */
import { computed, ref, shallowRef, watch } from 'vue';
import { call } from '../../api/client.ts';
import type { Geofence, GeofenceCheck, GeofenceInput, GeofenceRules, GeofenceShape } from '../../api/contract.ts';
import { codeOf } from '../../api/problem.ts';

const CHECK_AFTER_MS = 250;
export const COLOURS = [
  '#0e6a6a',
  '#b9202b',
  '#b04a08',
  '#855d00',
  '#1d7044',
  '#1f5fa8',
  '#6a3fb5',
  '#8a3a72',
] as const;

const NEW_RULES: GeofenceRules = {
  events: ['enter', 'leave'],
  dwellSeconds: 1_800,
  calendarId: null,
  direction: null,
  marginMetres: 0,
  leaveDelaySeconds: 0,
  silenceSeconds: null,
  rearmSeconds: 300,
  minConfidence: 0,
};

export function useDraft() {
  const geofenceId = ref<string | null>(null);
  const name = ref('');
  const colour = ref<string>(COLOURS[0]);
  const notes = ref('');
  const enabled = ref(true);
  const rules = ref<GeofenceRules>(NEW_RULES);
  const shape = shallowRef<GeofenceShape | null>(null);
  const before = shallowRef<readonly (GeofenceShape | null)[]>([]);
  const check = shallowRef<GeofenceCheck | null>(null);
  const checkProblem = ref<string | null>(null);

  function begin(fence: Geofence | null): void {
    geofenceId.value = fence?.geofenceId ?? null;
    name.value = fence?.name ?? '';
    colour.value = fence?.colour ?? COLOURS[0];
    notes.value = fence?.notes ?? '';
    enabled.value = fence?.enabled ?? true;
    rules.value = { ...(fence?.rules ?? NEW_RULES) };
    shape.value = fence?.shape ?? null;
    before.value = [];
    check.value = null;
  }
  function reshape(next: GeofenceShape | null): void {
    before.value = [...before.value.slice(-49), shape.value];
    shape.value = next;
  }
  function undo(): void {
    const last = before.value.at(-1);
    if (last === undefined) return;
    before.value = before.value.slice(0, -1);
    shape.value = last;
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  async function ask(): Promise<void> {
    const turn = ++asked;
    if (shape.value === null) {
      check.value = null;
      return;
    }
    try {
      const body = { shape: shape.value, marginMetres: rules.value.marginMetres };
      const answer = await call('POST /geofences/check', { body });
      if (turn !== asked) return;
      check.value = answer;
      checkProblem.value = null;
    } catch (error) {
      if (turn === asked) checkProblem.value = codeOf(error);
    }
  }
  watch([shape, () => rules.value.marginMetres], () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), CHECK_AFTER_MS);
  });

  const input = computed<GeofenceInput | null>(() =>
    shape.value === null
      ? null
      : {
          ...{ name: name.value, colour: colour.value, notes: notes.value, enabled: enabled.value },
          ...{ shape: shape.value, rules: rules.value },
        },
  );
  const faults = computed(() => check.value?.problems ?? []);
  const canSave = computed(() => input.value !== null && name.value.trim() !== '' && faults.value.length === 0);

  return {
    ...{ geofenceId, name, colour, notes, enabled, rules, shape, check, checkProblem, faults, input, canSave },
    ...{ canUndo: computed(() => before.value.length > 0), begin, reshape, undo },
  };
}
export type Draft = ReturnType<typeof useDraft>;
