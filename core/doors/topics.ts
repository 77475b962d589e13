/** MQTT topics as device formats declare them: `{device}` is one level, the device's own id; `+` and `#` as MQTT has them. */
import type { DeviceFormatPlugin } from '../plugins/define.ts';

const DEVICE = '{device}';
/** Longer ones are no device's: MQTT would allow 65,535 bytes. */
export const MOST_TOPIC = 200;

export interface TopicMatch {
  /** What stands at `{device}`; null when the pattern has none. */
  readonly device: string | null;
}

/** Null when the topic is not of this pattern. */
export function matchTopic(pattern: string, topic: string): TopicMatch | null {
  const wanted = pattern.split('/');
  const levels = topic.split('/');
  let device: string | null = null;
  for (const [index, want] of wanted.entries()) {
    if (want === '#') return { device };
    const level = levels[index];
    if (level === undefined) return null;
    if (want === DEVICE) {
      if (level === '' || (device !== null && device !== level)) return null;
      device = level;
    } else if (want !== '+' && want !== level) return null;
  }
  return levels.length === wanted.length ? { device } : null;
}

/**
 * Whether everything that a subscription would bring is of this pattern; null when not. A device's own level must be named: no
 * wildcard stands for it.
 */
export function matchFilter(pattern: string, filter: string): TopicMatch | null {
  const wanted = pattern.split('/');
  const levels = filter.split('/');
  let device: string | null = null;
  for (const [index, want] of wanted.entries()) {
    if (want === '#') return { device };
    const level = levels[index];
    if (level === undefined || level === '#') return null;
    if (want === DEVICE) {
      if (level === '' || level === '+' || (device !== null && device !== level)) return null;
      device = level;
    } else if (want !== '+' && want !== level) return null;
  }
  return levels.length === wanted.length ? { device } : null;
}

/** The topic or filter with every device's level open. */
export const openTopic = (pattern: string): string =>
  pattern
    .split('/')
    .map((level) => (level === DEVICE ? '+' : level))
    .join('/');

/** What all formats listen to, each filter once. */
export const filtersOf = (formats: readonly DeviceFormatPlugin[]): readonly string[] =>
  [...new Set(formats.flatMap(({ topics = [] }) => topics.map(openTopic)))].sort();

export interface FormatMatch extends TopicMatch {
  readonly format: DeviceFormatPlugin;
}

/** The formats that declare this topic, each once. */
export const formatsOf = (formats: readonly DeviceFormatPlugin[], topic: string): readonly FormatMatch[] =>
  formats.flatMap((format) => {
    for (const pattern of format.topics ?? []) {
      const match = matchTopic(pattern, topic);
      if (match !== null) return [{ format, ...match }];
    }
    return [];
  });
