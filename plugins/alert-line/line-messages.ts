/**
 * What LINE shows: a Flex Message (https://developers.line.biz/en/reference/messaging-api/#flex-message) with picture and
 * buttons where the world can reach the hub, else text; and the place as a location message.
 */
import { noticeTime, noticeWords, shortened, type AlertNotice, type ImageHandle } from '../../core/plugins/define.ts';

/** Most characters of each, by the reference above; labels are cut by the apps beyond 20. */
const MOST = { text: 5000, altText: 400, flexText: 2000, place: 100 } as const;

type Json = Readonly<Record<string, unknown>>;

export interface LineLook {
  readonly timeZone: string;
  /** LINE and the phones can reach the hub. */
  readonly isRich: boolean;
  readonly hero: { readonly image: ImageHandle; readonly address: string | null } | null;
}

const line = (text: string, more: Json = {}): Json => ({
  ...{ type: 'text', text: shortened(text, MOST.flexText), wrap: true, ...more },
});

function factsOf(notice: AlertNotice, timeZone: string): readonly Json[] {
  const words = noticeWords(notice.language);
  const at = notice.capturedAt === null ? null : noticeTime(notice.capturedAt, notice, timeZone);
  return [[words.camera, notice.cameraName] as const, [words.time, at] as const].flatMap(([label, value]) =>
    value === null || value === ''
      ? []
      : [
          {
            ...{ type: 'box', layout: 'baseline', spacing: 'md' },
            contents: [line(label, { color: '#64748b', size: 'sm', flex: 2 }), line(value, { size: 'sm', flex: 5 })],
          },
        ],
  );
}

function buttonsOf(notice: AlertNotice): readonly Json[] {
  const words = noticeWords(notice.language);
  return (
    [
      [words.acknowledge, notice.acknowledgeLink, 'primary'],
      [words.detection, notice.link, 'secondary'],
    ] as const
  ).flatMap(([label, uri, style]) =>
    uri === null ? [] : [{ type: 'button', style, height: 'sm', action: { type: 'uri', label, uri } }],
  );
}

function flexOf(notice: AlertNotice, { timeZone, hero }: LineLook): Json {
  const words = noticeWords(notice.language);
  const buttons = buttonsOf(notice);
  const badge = notice.kind === 'alert' ? [] : [line(words[notice.kind], { color: '#b45309', size: 'sm' })];
  const image = hero?.address ?? null;
  return {
    type: 'flex',
    altText: shortened([notice.title, notice.text].filter((part) => part !== '').join('\n'), MOST.altText),
    contents: {
      type: 'bubble',
      ...(image === null || hero === null
        ? {}
        : {
            hero: {
              ...{ type: 'image', url: image, size: 'full', aspectMode: 'cover' },
              // Higher than three times its width is refused.
              aspectRatio: `${hero.image.width}:${Math.min(hero.image.height, hero.image.width * 3)}`,
            },
          }),
      body: {
        ...{ type: 'box', layout: 'vertical', spacing: 'md' },
        contents: [
          ...badge,
          line(notice.title, { weight: 'bold', size: 'lg' }),
          // LINE takes no text component without a letter.
          ...(notice.text.trim() === '' ? [] : [line(notice.text)]),
          ...factsOf(notice, timeZone),
        ],
      },
      ...(buttons.length === 0
        ? {}
        : { footer: { type: 'box', layout: 'vertical', spacing: 'sm', contents: buttons } }),
    },
  };
}

function textOf(notice: AlertNotice): Json {
  const words = noticeWords(notice.language);
  const links = (
    [
      [words.acknowledge, notice.acknowledgeLink],
      [words.detection, notice.link],
    ] as const
  ).flatMap(([label, address]) => (address === null ? [] : [`${label}: ${address}`]));
  const head = shortened([notice.title, notice.text].filter((part) => part !== '').join('\n'), 3000);
  return { type: 'text', text: shortened([head, ...links].join('\n'), MOST.text) };
}

export function messagesOf(notice: AlertNotice, look: LineLook): readonly Json[] {
  const { latitude, longitude } = notice;
  const place =
    latitude === null || longitude === null
      ? []
      : [
          {
            ...{
              type: 'location',
              title: shortened(notice.cameraName ?? noticeWords(notice.language).map, MOST.place),
            },
            ...{ address: `${latitude}, ${longitude}`, latitude, longitude },
          },
        ];
  return [look.isRich ? flexOf(notice, look) : textOf(notice), ...place];
}
