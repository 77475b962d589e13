import { defineStore } from 'pinia';
import { io, type Socket } from 'socket.io-client';
import { onScopeDispose, ref, shallowRef } from 'vue';
import { call } from '../api/client.ts';
import type { LiveEvents } from '../api/contract.ts';

type Handlers = { [K in keyof LiveEvents]: Set<LiveEvents[K]> };

/**
 * What happens at the hub, as it happens. `generation` grows with each connection after a break: what was shown may have
 * missed something and is fetched anew.
 */
export const useLive = defineStore('live', () => {
  const isConnected = ref(false);
  /** Since when nothing came through; null while connected or before the first try ended. */
  const lostAt = shallowRef<Date | null>(null);
  const generation = ref(0);
  let socket: Socket<LiveEvents> | null = null;

  const handlers: Handlers = {
    'detection.created': new Set(),
    'detection.updated': new Set(),
    'frame.ended': new Set(),
    'camera.changed': new Set(),
    'device.changed': new Set(),
    'geofence.event': new Set(),
    'geofence.retracted': new Set(),
    'alert.raised': new Set(),
    'alert.updated': new Set(),
    'alert.acknowledged': new Set(),
    'alert.retracted': new Set(),
  };

  function connect(): void {
    if (socket !== null) return;
    const opened: Socket<LiveEvents> = io('/live', {
      path: '/socket.io',
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      reconnectionDelayMax: 5_000,
    });
    socket = opened;
    opened.on('connect', () => {
      if (lostAt.value !== null) generation.value += 1;
      isConnected.value = true;
      lostAt.value = null;
    });
    const lost = (): void => {
      isConnected.value = false;
      lostAt.value ??= new Date();
      // After the hub itself ends a connection, Socket.IO leaves it to us to come back.
      if (!opened.active) retry(opened);
    };
    opened.on('disconnect', lost);
    opened.on('connect_error', lost);
    forward(opened, 'detection.created');
    forward(opened, 'detection.updated');
    forward(opened, 'frame.ended');
    forward(opened, 'camera.changed');
    forward(opened, 'device.changed');
    forward(opened, 'alert.raised');
    forward(opened, 'alert.updated');
    forward(opened, 'alert.acknowledged');
    forward(opened, 'alert.retracted');
  }

  function forward(from: Socket<LiveEvents>, event: keyof LiveEvents): void {
    // One handler a name: the set of that name takes exactly what the event carries.
    const pass = (value: unknown): void => {
      for (const handler of handlers[event]) (handler as (value: unknown) => void)(value);
    };
    (from as Socket).on(event, pass);
  }

  function retry(ended: Socket<LiveEvents>): void {
    setTimeout(() => {
      if (socket !== ended || ended.connected) return;
      // The session may be over: this question leads to the sign-in page then.
      call('GET /session').then(
        () => ended.connect(),
        () => {
          if (socket === ended) retry(ended);
        },
      );
    }, 5_000);
  }

  function disconnect(): void {
    socket?.close();
    socket = null;
    isConnected.value = false;
    lostAt.value = null;
  }

  function on<K extends keyof LiveEvents>(event: K, handler: LiveEvents[K]): () => void {
    (handlers[event] as Set<LiveEvents[K]>).add(handler);
    return () => {
      (handlers[event] as Set<LiveEvents[K]>).delete(handler);
    };
  }

  return { isConnected, lostAt, generation, connect, disconnect, on };
});

/** Listens while the component is there. */
export function onLive<K extends keyof LiveEvents>(event: K, handler: LiveEvents[K]): void {
  onScopeDispose(useLive().on(event, handler));
}
