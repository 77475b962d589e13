/** Addresses of people, as they are written and as they are kept. */
import type { PersonAddress } from './people.ts';

/** `+66812345678` of what people write in Thailand: `081-234-5678`, `02 123 4567`, `+66 81 234 5678`. */
const phone = (written: string): string => written.replace(/[\s().-]/g, '').replace(/^0(?=[1-9]\d{7,8}$)/, '+66');

function isSubscription(text: string): boolean {
  try {
    const { endpoint, keys } = JSON.parse(text) as { endpoint?: unknown; keys?: { p256dh?: unknown; auth?: unknown } };
    const hasKeys = typeof keys?.p256dh === 'string' && typeof keys.auth === 'string';
    return hasKeys && typeof endpoint === 'string' && new URL(endpoint).protocol === 'https:';
  } catch {
    return false;
  }
}

const KINDS: Readonly<
  Record<PersonAddress['kind'], { readonly is: (address: string) => boolean; readonly problem: string }>
> = {
  email: {
    is: (address) => /^[^\s@<>,;"]+@[^\s@<>,;".]+(\.[^\s@<>,;".]+)+$/.test(address) && address.length <= 254,
    problem: 'must be one e-mail address, as name@example.com',
  },
  // ITU-T E.164: at most 15 digits.
  phone: {
    is: (address) => /^\+[1-9]\d{6,14}$/.test(address),
    problem: 'must be a phone number with its country, as +66812345678',
  },
  // LINE Messaging API: U a user, C a group, R a room.
  line: {
    is: (address) => /^[UCR][0-9a-f]{32}$/.test(address),
    problem:
      'must be the id that LINE gives a user, group or room: U, C or R and 32 characters; it is not the LINE name',
  },
  telegram: {
    is: (address) => /^(-?\d{4,20}|@[A-Za-z]\w{3,31})$/.test(address),
    problem: 'must be a chat id, as 123456789, or the @name of a channel',
  },
  push: { is: isSubscription, problem: 'must be a subscription that a browser made, as JSON' },
};

export const canonicalAddress = ({ kind, address }: PersonAddress): PersonAddress => ({
  kind,
  address: kind === 'phone' ? phone(address.trim()) : address.trim(),
});

/** Null when it can be used. Of a canonical one. */
export const addressProblem = ({ kind, address }: PersonAddress): string | null =>
  KINDS[kind].is(address) ? null : KINDS[kind].problem;
