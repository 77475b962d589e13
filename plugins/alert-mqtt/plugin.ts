/**
 * Publishes each alert as JSON to a broker (MQTT 3.1.1): QoS 1, so it counts as told when the broker has acknowledged it, and
 * not retained, so that nobody who subscribes later takes an old alert for a new one.
 */
import { isIP } from 'node:net';
import mqtt from 'mqtt';
import {
  defineAlertChannel,
  errorMessage,
  flag,
  LprError,
  secret,
  text,
  url,
  type AlertNotice,
} from '../../core/plugins/define.ts';

const PLACES: Readonly<Record<string, (notice: AlertNotice) => string>> = {
  category: ({ category }) => category ?? 'none',
  camera: ({ cameraName }) => cameraName ?? 'none',
  priority: ({ priority }) => String(priority),
  kind: ({ kind }) => kind,
  alertId: ({ alertId }) => alertId,
};
const PLACE = /\{([^{}]*)\}/g;
/** MQTT 3.1.1, 4.7.3: UTF-8 bytes of a topic. */
const MOST_BYTES = 65_535;

function topicProblem(topic: string): string | null {
  const unknown = [...topic.matchAll(PLACE)].find(([, name = '']) => !Object.hasOwn(PLACES, name));
  if (unknown !== undefined) return `has ${unknown[0]}: only {${Object.keys(PLACES).join('}, {')}} are known`;
  if (/[+#\0]/.test(topic)) return 'must not hold + or #: those are for subscribing';
  return topic.startsWith('$') ? 'must not begin with $: that is for the broker itself' : null;
}

/** What stands in a place is one level of the topic, whatever it holds. */
const topicOf = (template: string, notice: AlertNotice): string =>
  template.replace(PLACE, (all, name: string) => PLACES[name]?.(notice).replace(/[/+#\0]/g, '_') ?? all);

export default defineAlertChannel({
  id: 'mqtt',
  fields: {
    broker: url({ required: true, schemes: ['mqtt', 'mqtts'] }),
    username: text(),
    password: secret(),
    selfSigned: flag(false),
    topic: text({ default: 'lpr/alerts/{category}' }),
  },
  address: null,
  isAnywhere: true,
  perMinute: 6_000,
  check({ topic }) {
    const problem = topicProblem(topic);
    return problem === null ? [] : [{ field: 'topic', problem }];
  },
  async send(notice, { config, signal, assertMayReach }) {
    const { protocol, hostname, port, host } = new URL(config.broker);
    const topic = topicOf(config.topic, notice);
    const problem = topicProblem(topic) ?? (Buffer.byteLength(topic) > MOST_BYTES ? 'is too long' : null);
    if (problem !== null) {
      throw new LprError('channel_rejected', `The topic ${problem}.`, { problems: [{ field: 'topic', problem }] });
    }
    const isSecure = protocol === 'mqtts:';
    const name = hostname.replace(/^\[|\]$/g, '');
    const client = mqtt.connect({
      ...{ protocol: isSecure ? 'mqtts' : 'mqtt', host: await assertMayReach(name) },
      ...{ port: port === '' ? (isSecure ? 8883 : 1883) : Number(port) },
      ...(isSecure && isIP(name) === 0 ? { servername: name } : {}),
      ...{ rejectUnauthorized: !config.selfSigned, protocolVersion: 4, clean: true, keepalive: 30 },
      // The hub tries again, not the package.
      ...{ reconnectPeriod: 0, connectTimeout: 15_000, clientId: `lpr-hub-${notice.deliveryId.slice(0, 14)}` },
      ...(config.username === '' ? {} : { username: config.username, password: config.password }),
    });
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined);
    const abort = (): void => {
      failed.reject(new Error('no answer in time'));
    };
    client.on('error', failed.reject);
    client.on('close', () => {
      failed.reject(new Error('it closed the connection'));
    });
    signal.addEventListener('abort', abort, { once: true });
    try {
      if (signal.aborted) abort();
      const published = client.publishAsync(topic, JSON.stringify(notice), { qos: 1, retain: false });
      await Promise.race([failed.promise, published]);
    } catch (error) {
      throw new LprError('channel_refused', `${host} did not take it: ${errorMessage(error)}.`, {}, error);
    } finally {
      signal.removeEventListener('abort', abort);
      await client.endAsync(true);
    }
  },
});
