/**
 * What LINE shows: a Flex Message (https://developers.line.biz/en/reference/messaging-api/#flex-message) with picture and
 * buttons where the world can reach the hub, else text; and the place as a location message.
 */
import { noticeLinks, noticeWords, shortened, type AlertNotice, type ImageHandle } from '../../core/plugins/define.ts';

/** Most characters of each, by the reference above; labels are cut by the apps beyond 20. */
const MOST = { text: 5000, altText: 400, flexText: 2000, place: 100 } as const;

type Json = Readonly<Record<string, unknown>>;

export interface LineLook {
  /** LINE and the phones can reach the hub. */
  readonly isRich: boolean;
  readonly hero: { readonly image: ImageHandle; readonly address: string | null } | null;
}

const line = (text: string, more: Json = {}): Json => ({
  ...{ type: 'text', text: shortened(text, MOST.flexText), wrap: true, ...more },
});

const buttonsOf = (notice: AlertNotice): readonly Json[] =>
  // The place is a message of its own.
  noticeLinks({ ...notice, latitude: null }).map(({ label, address: uri, isFirst }) => ({
    ...{ type: 'button', style: isFirst ? 'primary' : 'secondary', height: 'sm' },
    action: { type: 'uri', label, uri },
  }));

function flexOf(notice: AlertNotice, { hero }: LineLook): Json {
  const buttons = buttonsOf(notice);
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
          line(notice.title, { weight: 'bold', size: 'lg' }),
          // LINE takes no text component without a letter.
          ...(notice.text.trim() === '' ? [] : [line(notice.text)]),
        ],
      },
      ...(buttons.length === 0
        ? {}
        : { footer: { type: 'box', layout: 'vertical', spacing: 'sm', contents: buttons } }),
    },
  };
}

function textOf(notice: AlertNotice): Json {
  const links = noticeLinks({ ...notice, latitude: null }).map(({ label, address }) => `${label}: ${address}`);
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
