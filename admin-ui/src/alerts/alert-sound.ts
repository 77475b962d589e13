/** Alerts are heard wherever one is in the console, unless this browser is muted. */
import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import type { Alert } from '../api/contract.ts';
import { useLive } from '../live/live.ts';
import { useSession } from '../session/session.ts';
import { soundOf } from '../sounds/category-sounds.ts';
import { playSound, SOUNDS, type Sound } from '../sounds/sounds.ts';

const STORED = 'lpr.alertSound';
/** A burst of alerts is one sound, unless a louder one comes. */
const BURST_MS = 2_500;

export const useAlertSound = defineStore('alert-sound', () => {
  const isMuted = ref(localStorage.getItem(STORED) === 'off');
  /** Browsers play nothing before somebody pressed a key or a button on the page. */
  const isAllowed = ref(navigator.userActivation.hasBeenActive);
  const state = computed<'on' | 'muted' | 'waiting'>(() =>
    isMuted.value ? 'muted' : isAllowed.value ? 'on' : 'waiting',
  );
  let lastAt = 0;
  let last: Sound = 'none';

  const allow = (): void => {
    isAllowed.value = true;
    window.removeEventListener('pointerdown', allow);
    window.removeEventListener('keydown', allow);
  };
  if (!isAllowed.value) {
    window.addEventListener('pointerdown', allow);
    window.addEventListener('keydown', allow);
  }

  const rank = (sound: Sound): number => SOUNDS.indexOf(sound);

  async function sound(wanted: Sound): Promise<void> {
    try {
      await playSound(wanted);
    } catch {
      isAllowed.value = false;
    }
  }

  function hear(alert: Alert): void {
    const wanted = soundOf(alert);
    const isBurst = performance.now() - lastAt < BURST_MS;
    if (wanted === 'none' || state.value !== 'on' || (isBurst && rank(wanted) <= rank(last))) return;
    lastAt = performance.now();
    last = wanted;
    // Several tabs of one browser are one pair of ears. Without https there are no locks, and each tab sounds.
    const { locks } = navigator as { locks?: LockManager };
    if (locks === undefined) {
      void sound(wanted);
      return;
    }
    void locks.request(STORED, { ifAvailable: true }, async (lock) => {
      if (lock === null) return;
      await sound(wanted);
      await new Promise((done) => setTimeout(done, BURST_MS));
    });
  }

  useLive().on('alert.raised', (alert) => {
    if (useSession().may('alerts.view')) hear(alert);
  });

  /** Switched on by a press, it is heard at once that it works. */
  function setMuted(muted: boolean): void {
    isMuted.value = muted;
    localStorage.setItem(STORED, muted ? 'off' : 'on');
    if (!muted) void sound('chime');
  }

  return { state, setMuted };
});
