import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import { call } from '../api/client.ts';
import type { HubStatus } from '../api/contract.ts';
import { useLive } from './live.ts';

const EVERY_MS = 15_000;

/** How the hub does: asked every 15 seconds, and soon after something happened. */
export const useHubStatus = defineStore('hub-status', () => {
  const status = shallowRef<HubStatus | null>(null);
  /** True when the last answer is older than two rounds. */
  const isStale = ref(false);
  let timer: ReturnType<typeof setInterval> | undefined;
  let soon: ReturnType<typeof setTimeout> | undefined;
  let answeredAt = 0;

  async function refresh(): Promise<void> {
    try {
      status.value = await call('GET /status');
      answeredAt = Date.now();
      isStale.value = false;
    } catch {
      // The figures stay, marked as old; the shell tells that the hub is away.
      isStale.value = Date.now() - answeredAt > 2 * EVERY_MS;
    }
  }

  function refreshSoon(): void {
    soon ??= setTimeout(() => {
      soon = undefined;
      void refresh();
    }, 1_500);
  }

  const live = useLive();
  live.on('detection.created', refreshSoon);
  live.on('camera.changed', refreshSoon);
  live.on('device.changed', refreshSoon);
  live.on('alert.raised', refreshSoon);
  live.on('alert.acknowledged', refreshSoon);
  live.on('alert.retracted', refreshSoon);
  live.on('frame.ended', refreshSoon);

  function start(): void {
    if (timer !== undefined) return;
    timer = setInterval(() => void refresh(), EVERY_MS);
    void refresh();
  }

  function stop(): void {
    clearInterval(timer);
    clearTimeout(soon);
    timer = undefined;
    soon = undefined;
    status.value = null;
  }

  return { status, isStale, start, stop, refresh };
});
