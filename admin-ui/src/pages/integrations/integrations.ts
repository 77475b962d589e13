import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { call } from '../../api/client.ts';
import type { Device, DeviceDoors, PluginInfo } from '../../api/contract.ts';
import { codeOf } from '../../api/problem.ts';
import { i18n } from '../../i18n.ts';

const EVERY_MS = 10_000;
/** Devices that come up together are asked for once. */
const SOON_MS = 400;

/** Devices with their formats and doors: asked every ten seconds while a page shows them, and soon after one changed. */
export const useIntegrations = defineStore('integrations', () => {
  const devices = shallowRef<readonly Device[]>([]);
  const formats = shallowRef<readonly PluginInfo[]>([]);
  const doors = shallowRef<DeviceDoors>({ broker: null, formats: [] });
  const isLoaded = ref(false);
  const problem = ref<string | null>(null);
  let timer: ReturnType<typeof setInterval> | undefined;
  let soon: ReturnType<typeof setTimeout> | undefined;

  async function loadDevices(): Promise<void> {
    try {
      devices.value = (await call('GET /devices')).items;
      problem.value = null;
    } catch (error) {
      problem.value = codeOf(error);
    }
  }

  async function load(): Promise<void> {
    try {
      const [list, plugins, where] = await Promise.all([
        call('GET /devices'),
        call('GET /plugins', { query: { kind: 'deviceFormat' } }),
        call('GET /devices/doors'),
      ]);
      devices.value = list.items;
      formats.value = plugins.items;
      doors.value = where;
      problem.value = null;
    } catch (error) {
      problem.value = codeOf(error);
    }
    isLoaded.value = true;
  }

  function loadSoon(): void {
    soon ??= setTimeout(() => {
      soon = undefined;
      void loadDevices();
    }, SOON_MS);
  }

  /** Told to stop, it keeps what it has: coming back shows it at once. */
  function watch(): () => void {
    void load();
    timer = setInterval(() => {
      if (!document.hidden) void loadDevices();
    }, EVERY_MS);
    return () => {
      clearInterval(timer);
      clearTimeout(soon);
      soon = undefined;
    };
  }

  const language = computed(() => (i18n.global.locale.value.startsWith('th') ? 'th' : 'en'));
  const byId = computed(() => new Map(devices.value.map((device) => [device.deviceId, device])));
  const words = (format: string) => formats.value.find(({ id }) => id === format)?.words[language.value];

  return {
    devices,
    formats,
    doors,
    isLoaded,
    problem,
    waiting: computed(() => devices.value.filter(({ state }) => state === 'waiting')),
    others: computed(() => devices.value.filter(({ state }) => state !== 'waiting')),
    keptCount: computed(() => devices.value.reduce((sum, { held }) => sum + held.waiting + held.quarantined, 0)),
    quarantinedCount: computed(() => devices.value.reduce((sum, { held }) => sum + held.quarantined, 0)),
    device: (deviceId: string) => byId.value.get(deviceId) ?? null,
    plugin: (format: string) => formats.value.find(({ id }) => id === format) ?? null,
    formatName: (format: string): string => words(format)?.name ?? format,
    formatText: (format: string): string => words(format)?.description ?? '',
    load,
    loadDevices,
    loadSoon,
    watch,
  };
});
