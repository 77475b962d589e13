/** What is entered in a device so that it sends here, from what its format says of itself. */
import type { DeviceDoors } from '../../api/contract.ts';

export interface RecipeLine {
  /** Key of its words: `page.integrations.recipe.<key>`. */
  readonly key:
    'http' | 'fixed' | 'websocket' | 'socketio' | 'mqttHost' | 'mqttElsewhere' | 'mqttPassword' | 'mqttTopic';
  readonly text: string;
  /** Shown beside: HTTP method, namespace and events. */
  readonly note: string;
}

export interface RecipeFor {
  readonly format: string;
  /** The device's own id; empty when it has none. */
  readonly ref: string;
  /** Just made; null: not known any more. */
  readonly token: string | null;
}

/** @param origin of the hub as the browser reached it, such as `http://10.0.0.2:3000` */
export function recipeOf({ format, ref, token }: RecipeFor, doors: DeviceDoors, origin: string): readonly RecipeLine[] {
  const own = doors.formats.find((one) => one.format === format);
  if (own === undefined) return [];
  const address = `/ingest/${format}${token === null ? '' : `/${token}`}`;
  const { hostname } = new URL(origin);
  const has = (transport: (typeof own.transports)[number]): boolean => own.transports.includes(transport);
  const { broker } = doors;
  const isOverMqtt = has('mqtt') && broker !== null;
  const isOwn = isOverMqtt && broker.isOwn;
  const lines: readonly (RecipeLine | false)[] = [
    has('http') && { key: 'http', text: `${origin}${address}`, note: 'POST' },
    ...own.paths.map(({ method, path }): RecipeLine => ({ key: 'fixed', text: `${origin}${path}`, note: method })),
    has('websocket') && { key: 'websocket', text: `${origin.replace(/^http/, 'ws')}${address}`, note: '' },
    ...own.socketio.map(({ namespace, events }): RecipeLine => {
      return { key: 'socketio', text: `${origin}${namespace === '/' ? '' : namespace}`, note: events.join(', ') };
    }),
    isOwn && { key: 'mqttHost', text: `${hostname}:${broker.port ?? ''}`, note: 'MQTT 3.1.1' },
    isOverMqtt && !isOwn && { key: 'mqttElsewhere', text: 'MQTT_URL', note: '' },
    isOwn && token !== null && { key: 'mqttPassword', text: token, note: '' },
    ...(isOverMqtt ? own.topics : []).map((topic): RecipeLine => {
      return { key: 'mqttTopic', text: ref === '' ? topic : topic.replace('{device}', ref), note: '' };
    }),
  ];
  return lines.filter((line) => line !== false);
}
