/** How many standing connections one address, and all of them together, may hold; and how fast new ones may come. */

export interface GateLimits {
  /** At once, of one address. */
  readonly perAddress: number;
  /** New ones a second of one address, beyond the first `perAddress`: a site whose power comes back connects all it has. */
  readonly perSecond: number;
  /** At once, of everybody. */
  readonly inAll: number;
}

export const GATE_LIMITS: GateLimits = { perAddress: 200, perSecond: 20, inAll: 5_000 };

export type Entrance =
  | { readonly ok: true; readonly leave: () => void }
  | {
      readonly ok: false;
      /** In words, for the one who was turned away. */
      readonly reason: string;
    };

export interface AddressGate {
  enter(address: string): Entrance;
  readonly standing: number;
  /** Turned away since the start. */
  readonly refused: number;
}

interface Guest {
  standing: number;
  tokens: number;
  at: number;
}

/** IPv6: a household or site has a /64, so addresses within one count as one. */
const groupOf = (address: string): string => (address.includes(':') ? expand(address).slice(0, 4).join(':') : address);

function expand(address: string): readonly string[] {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  return tail === undefined
    ? left
    : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
}

/** Addresses that nothing is known of any more are forgotten once so many are remembered. */
const MOST_REMEMBERED = 10_000;

export function createAddressGate(limits: GateLimits = GATE_LIMITS, now: () => number = Date.now): AddressGate {
  const guests = new Map<string, Guest>();
  let standing = 0;
  let refused = 0;

  const refill = (guest: Guest): void => {
    const at = now();
    guest.tokens = Math.min(limits.perAddress, guest.tokens + (Math.max(0, at - guest.at) / 1000) * limits.perSecond);
    guest.at = at;
  };
  const forgetIdle = (): void => {
    if (guests.size < MOST_REMEMBERED) return;
    for (const [address, guest] of guests) {
      refill(guest);
      if (guest.standing === 0 && guest.tokens >= limits.perAddress) guests.delete(address);
    }
  };
  const refuse = (reason: string): Entrance => {
    refused++;
    return { ok: false, reason };
  };

  return {
    enter(address) {
      const group = groupOf(address);
      let guest = guests.get(group);
      if (guest === undefined) {
        forgetIdle();
        guest = { standing: 0, tokens: limits.perAddress, at: now() };
        guests.set(group, guest);
      } else refill(guest);
      if (standing >= limits.inAll)
        return refuse(`The hub holds ${limits.inAll} connections already: try again later.`);
      if (guest.standing >= limits.perAddress)
        return refuse(`Your address holds ${limits.perAddress} connections already: close some first.`);
      if (guest.tokens < 1)
        return refuse(`Your address connects more than ${limits.perSecond} times a second: slow down.`);
      guest.tokens--;
      guest.standing++;
      standing++;
      const entered = guest;
      let isGone = false;
      return {
        ok: true,
        leave() {
          if (isGone) return;
          isGone = true;
          entered.standing--;
          standing--;
        },
      };
    },
    get standing() {
      return standing;
    },
    get refused() {
      return refused;
    },
  };
}
