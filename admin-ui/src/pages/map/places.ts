/** What the map shows: geofences, cameras where they stand, and the names that rules choose from. */
import { computed, ref, shallowRef } from 'vue';
import { call } from '../../api/client.ts';
import type { Camera, Checkpoint, Geofence, Zone } from '../../api/contract.ts';
import { codeOf } from '../../api/problem.ts';
import type { MapCamera } from '../../map/camera-layer.ts';

const PAGE = 1_000;

export function usePlaces() {
  const fences = shallowRef<readonly Geofence[]>([]);
  const cameras = shallowRef<readonly Camera[]>([]);
  const zones = shallowRef<readonly Zone[]>([]);
  const checkpoints = shallowRef<readonly Checkpoint[]>([]);
  const state = ref<'loading' | 'ready' | 'failed'>('loading');
  const problem = ref<string | null>(null);

  async function allFences(): Promise<Geofence[]> {
    const all: Geofence[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await call('GET /geofences', { query: { limit: PAGE, cursor } });
      all.push(...page.items);
      if (page.nextCursor === null) return all;
      cursor = page.nextCursor;
    }
  }

  async function load(): Promise<void> {
    try {
      const [areas, list, groups, posts] = await Promise.all([
        allFences(),
        call('GET /cameras'),
        call('GET /zones'),
        call('GET /checkpoints'),
      ]);
      fences.value = areas;
      cameras.value = list.items;
      zones.value = groups.items;
      checkpoints.value = posts.items;
      state.value = 'ready';
      problem.value = null;
    } catch (error) {
      problem.value = codeOf(error);
      if (state.value === 'loading') state.value = 'failed';
    }
  }

  /** A camera without a place of its own stands where its checkpoint is. */
  const placed = computed<readonly MapCamera[]>(() =>
    cameras.value.flatMap((camera) => {
      const post = checkpoints.value.find(({ checkpointId }) => checkpointId === camera.checkpointId);
      const own = camera.latitude !== null && camera.longitude !== null;
      const latitude = own ? camera.latitude : (post?.latitude ?? null);
      const longitude = own ? camera.longitude : (post?.longitude ?? null);
      if (latitude === null || longitude === null) return [];
      const { cameraId, name, heading, health } = camera;
      return [{ cameraId, name, latitude, longitude, heading, state: health.state }];
    }),
  );
  const unplaced = computed(() => cameras.value.length - placed.value.length);

  return { fences, cameras, zones, checkpoints, placed, unplaced, state, problem, load };
}
export type Places = ReturnType<typeof usePlaces>;
