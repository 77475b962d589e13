/**
 * How people are told of alerts. A channel is a plugin that knows one way: it makes the message and says it once, to one
 * address. The hub owns the outbox, retry, pauses, rate, dead letters, time-out and clean stop. The console is no channel:
 * every alert is shown there, whoever else is told.
 */
import { isIP } from 'node:net';
import type { ConfigOf, Fields } from '../fields.ts';
import { LprError, type FieldProblem } from '../errors.ts';
import { retryAfterSeconds } from '../outgoing-http.ts';
import type { GeofencePart, HitPart, ImageHandle } from '../message.ts';
import type { PluginContext } from './define.ts';
import { REACH_FIELDS } from './reach-fields.ts';
import en from './notice-words.en-US.json' with { type: 'json' };
import th from './notice-words.th.json' with { type: 'json' };

/**
 * What a notice is about: a new alert, the same one told to more people, taken back, several in one, that no more are told today
 * (the budget is used up), or the test button.
 */
export type NoticeKind = 'alert' | 'escalation' | 'retraction' | 'digest' | 'budget' | 'taken' | 'test';

export interface AlertNotice {
  /** A UUID of this notice to this address, the same however often it has to be sent: the other side can tell a repeat. */
  readonly deliveryId: string;
  readonly alertId: string;
  readonly kind: NoticeKind;
  /** Of `title` and `text`; words that the channel adds itself are in it too. */
  readonly language: 'th' | 'en';
  /**
   * As the template made them: plain text, whatever stands in a list's notes. They say what kind of notice it is, where and when,
   * and may hide part of the plate: a channel adds no facts of its own for people.
   */
  readonly title: string;
  readonly text: string;
  /** ISO 8601, UTC. */
  readonly raisedAt: string;
  readonly capturedAt: string | null;
  readonly detectionId: string | null;
  readonly plateNumber: string | null;
  /** ISO 3166-2, or `TH-95-BETONG`. */
  readonly issuingEntity: string | null;
  /** Its name in `language`. */
  readonly province: string | null;
  readonly cameraName: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly category: string | null;
  readonly priority: number;
  /** For programs; people read `title` and `text`. */
  readonly hit: HitPart | null;
  readonly geofence: GeofencePart | null;
  readonly frame: ImageHandle | null;
  readonly patch: ImageHandle | null;
  /** The detection's page, when `PUBLIC_URL` is set. */
  readonly link: string | null;
  /** A page that acknowledges after a press of its button; opening it alone does nothing. When `PUBLIC_URL` is set. */
  readonly acknowledgeLink: string | null;
}

/** Which of a person's addresses a channel sends to; `push`: a browser's subscription as JSON (`core/alerts/push.ts`). */
export type AddressKind = 'email' | 'phone' | 'line' | 'telegram' | 'push';

export interface ChannelRequest {
  /** Default: POST. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface ChannelAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The first 64 kB. */
  readonly text: string;
}

export interface AlertChannelContext<F extends Fields> extends PluginContext<F> {
  /** Whom to tell, of the plugin's kind of address; empty for a plugin with a target of its own. */
  readonly to: string;
  /** IANA name of the site's zone. */
  readonly timeZone: string;
  /** `PUBLIC_URL`, without a slash at the end. */
  readonly publicUrl: string | null;
  /** 1 for the first try. */
  readonly attempt: number;
  /** A JPEG at most this wide (default 1024 px); null when the picture is gone. */
  readonly picture: (imageId: string, width?: number) => Promise<Uint8Array | null>;
  /**
   * An address under which anybody who has it sees that JPEG for a week, without signing in: for services that fetch pictures
   * themselves. Null where `PUBLIC_URL` is no public https address.
   */
  readonly pictureLink: (imageId: string, width?: number) => string | null;
  /**
   * HTTP with the hub's limits: 20 s, no redirects, into the hub's own network only where the channel may. Resolves with whatever
   * the other side answers. @throws channel_refused (not reached), channel_private
   */
  readonly request: (url: string, request?: ChannelRequest) => Promise<ChannelAnswer>;
  /**
   * Where the target is no HTTP address: checks the host in the same way and gives the IP address to connect to, so that no
   * second look-up can lead elsewhere. @throws channel_private, channel_refused (the name is not known)
   */
  readonly assertMayReach: (host: string) => Promise<string>;
  /** The hub's own P-256 pair for browser push (VAPID, RFC 8292), base64url. */
  readonly pushKeys: { readonly publicKey: string; readonly privateKey: string };
  /** The address is no more (a push subscription that ended): nothing is sent to it again. */
  readonly forget: () => Promise<void>;
}

export interface AlertChannelPlugin<F extends Fields = Fields> {
  readonly kind: 'alertChannel';
  readonly id: string;
  readonly fields: F;
  /** Null: it has one target of its own, whoever is to be told. */
  readonly address: AddressKind | null;
  /** Who is told when a rule names nobody: each is one delivery. Of a plugin with `address` other than `push`. */
  addresses?(config: ConfigOf<F>): readonly string[];
  /** Whether its targets may lie anywhere (the flag `allowPrivate` is then added to the form), or are a fixed service. */
  readonly isAnywhere?: boolean;
  /** Longest text in characters that it carries; null: as long as it likes. */
  readonly maxText?: number | null;
  /** Notices a minute that the other side takes. Default: 60. */
  readonly perMinute?: number;
  /** After this time the other side may not know a repeat for one any more: what is not taken by then is given up. */
  readonly retryForMs?: number;
  /** Faults beyond what the fields say, by field; asked when the channel is saved. */
  check?(config: ConfigOf<F>): readonly FieldProblem[];
  /** What keeps it from all it could do, as keys `missing.<key>` of its words; the console shows them. */
  missing?(config: ConfigOf<F>, site: { readonly publicUrl: string | null }): readonly string[];
  /**
   * Hands one notice over; resolves when the other side has taken it.
   * @throws channel_refused: the hub tries again later (`details.retryAfterSeconds` where the other side says when);
   * channel_rejected: it never will be taken, so it is given up at once
   */
  send(notice: AlertNotice, context: AlertChannelContext<F>): Promise<void>;
}

export const defineAlertChannel = <const F extends Fields>(
  plugin: Omit<AlertChannelPlugin<F>, 'kind'>,
): AlertChannelPlugin<F> => ({
  kind: 'alertChannel',
  ...plugin,
  fields: plugin.isAnywhere === true ? { ...plugin.fields, ...REACH_FIELDS } : plugin.fields,
});

/** Words that channels add to a notice. */
export const noticeWords = (language: AlertNotice['language']): Readonly<Record<keyof typeof en, string>> =>
  language === 'th' ? th : en;

/** Whether the world can reach it: https, and a name that is not only known inside. */
export function isPublicHttps(address: string | null): boolean {
  if (address === null || !URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  const isName = isIP(hostname.replace(/^\[|\]$/g, '')) === 0 && hostname.includes('.');
  return protocol === 'https:' && isName && !/\.(local|localhost|internal|lan|home|corp|test|invalid)$/.test(hostname);
}

/** Addresses that a form lists in one line, separated by commas, semicolons or blanks. */
export const addressesOf = (line: string): readonly string[] => [
  ...new Set(line.split(/[,;\s]+/).filter((address) => address !== '')),
];

/** What is wrong with an address that is a secret itself, so that its field cannot be one for addresses. */
export const secretAddress = (field: string, value: string): readonly FieldProblem[] =>
  URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol)
    ? []
    : [{ field, problem: 'must be an http:// or https:// address' }];

/** Answers that may turn out otherwise later, beside 5xx: time-out, too early, too many. */
const LATER: readonly number[] = [408, 425, 429];

/**
 * What an HTTP answer means for a notice.
 * @param service for people, e.g. the host; @param says what the service gives as its reason, short, without secrets
 * @throws channel_refused (408, 425, 429, 3xx, 5xx), channel_rejected (every other 4xx)
 */
export function assertTaken(
  { status, headers }: Pick<ChannelAnswer, 'status' | 'headers'>,
  service: string,
  says = '',
  waitSeconds: number | null = retryAfterSeconds(headers.get('retry-after')),
): void {
  if (status >= 200 && status < 300) return;
  const isFinal = status >= 400 && status < 500 && !LATER.includes(status);
  const reason = says === '' ? '' : `: ${says.replace(/\s+/g, ' ').slice(0, 200)}`;
  throw new LprError(isFinal ? 'channel_rejected' : 'channel_refused', `${service} answers HTTP ${status}${reason}.`, {
    status,
    ...(waitSeconds === null ? {} : { retryAfterSeconds: waitSeconds }),
  });
}

/** For text and attributes of HTML: whatever a list's notes hold stays text. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** One field of the JSON that a service answers with; empty when it answers something else. */
export function answerField({ text }: Pick<ChannelAnswer, 'text'>, ...path: readonly string[]): string {
  try {
    let value = JSON.parse(text) as unknown;
    for (const key of path) value = (value as Readonly<Record<string, unknown>> | null | undefined)?.[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  } catch {
    // No JSON: a proxy or a gateway answered, and the status says it all.
    return '';
  }
}

const mapLink = ({ latitude, longitude }: Pick<AlertNotice, 'latitude' | 'longitude'>): string | null =>
  latitude === null || longitude === null
    ? null
    : `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`;

/** Where a person may go from a notice, with the words for it; acknowledging comes first. */
export function noticeLinks(
  notice: Pick<AlertNotice, 'language' | 'acknowledgeLink' | 'link' | 'latitude' | 'longitude'>,
): readonly { readonly label: string; readonly address: string; readonly isFirst: boolean }[] {
  const words = noticeWords(notice.language);
  return (
    [
      [words.acknowledge, notice.acknowledgeLink, true],
      [words.detection, notice.link, false],
      [words.map, mapLink(notice), false],
    ] as const
  ).flatMap(([label, address, isFirst]) => (address === null ? [] : [{ label, address, isFirst }]));
}

/** No longer than `most` UTF-16 units, cut between characters, with an ellipsis where something was cut. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const parts = new Intl.Segmenter('th', { granularity: 'grapheme' }).segment(text.slice(0, most));
  let end = 0;
  for (const { index, segment } of parts) if (index + segment.length < most) end = index + segment.length;
  return `${text.slice(0, end)}…`;
}
