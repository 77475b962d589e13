/** Channels carry alerts to people: their records, their queue, and what they could not carry. */
import type { NoticeKind } from '../plugins/define.ts';

export interface ChannelInput {
  readonly name: string;
  /** An alert channel plugin's id. */
  readonly plugin: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly enabled: boolean;
  /** Of notices to the channel itself; null: the site's. */
  readonly language: 'th' | 'en' | null;
  /** Null: as its kind allows. */
  readonly perMinute: number | null;
}

export interface StoredChannel extends ChannelInput {
  readonly channelId: string;
  readonly createdAt: Date;
}

export interface ChannelState {
  readonly sent: number;
  /** Due and not taken yet. */
  readonly waiting: number;
  /** Held back by quiet hours or a digest. */
  readonly held: number;
  readonly dead: number;
  readonly lastSuccessAt: Date | null;
  /** The newest refusal; what came after it may have been taken. */
  readonly error: { readonly code: string; readonly message: string; readonly at: Date } | null;
}

export interface AlertChannel extends StoredChannel {
  /** Keys `missing.<key>` of its plugin's words: what keeps it from all it could do. */
  readonly missing: readonly string[];
  readonly state: ChannelState;
}

export type HeldBy = 'quiet_hours' | 'digest';

/** A notice that somebody wants sent. */
export interface DeliveryOrder {
  readonly channelId: string;
  readonly kind: NoticeKind;
  /** Empty: those whom the channel tells by itself. */
  readonly address: string;
  /** Whose address it is, for people. */
  readonly person: string | null;
  /** Null: the channel's. */
  readonly language: 'th' | 'en' | null;
  /** Tells this order apart from others of the same alert, channel, kind and address: a step of an escalation, a round. */
  readonly key: string;
}

export interface AlertDelivery {
  readonly deliveryId: string;
  readonly channelId: string;
  readonly channelName: string;
  readonly kind: NoticeKind;
  readonly to: string;
  readonly person: string | null;
  /** `dropped`: taken back before it was sent, or told in a digest. */
  readonly state: 'waiting' | 'held' | 'delivered' | 'dead' | 'dropped';
  readonly heldBy: HeldBy | null;
  readonly attempts: number;
  readonly createdAt: Date;
  /** Null when it is not tried any more. */
  readonly nextAttemptAt: Date | null;
  readonly deliveredAt: Date | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** A delivery that was given up. */
export interface DeadLetter extends Pick<
  AlertDelivery,
  'deliveryId' | 'channelId' | 'channelName' | 'kind' | 'to' | 'person' | 'attempts' | 'createdAt'
> {
  readonly alertId: string;
  readonly title: string;
  readonly plateNumber: string | null;
  readonly failedAt: Date;
  readonly error: { readonly code: string; readonly message: string };
}

export interface DeadChoice {
  readonly deliveryIds: readonly string[] | 'all';
  /** Null: of every channel. */
  readonly channelId: string | null;
}

export interface AlertChannels {
  list(): Promise<readonly AlertChannel[]>;
  /** @throws name_taken, channel_unknown, invalid_input */
  create(input: ChannelInput): Promise<AlertChannel>;
  /** What is left out stays, secrets too. @throws not_found, name_taken, invalid_input */
  update(channelId: string, change: Partial<Omit<ChannelInput, 'plugin'>>): Promise<AlertChannel>;
  /** With what it has not sent. @throws not_found, conflict naming the rules and escalations that name it */
  remove(channelId: string): Promise<void>;
  /** Sends a marked test notice, now. @throws not_found, channel_unknown, channel_refused, channel_rejected, channel_private */
  test(channelId: string, to?: string): Promise<void>;
  /** Newest first. */
  deadLetters(channelId: string | null, limit: number): Promise<readonly DeadLetter[]>;
  /** How many are tried again. */
  replay(choice: DeadChoice): Promise<number>;
  discard(choice: DeadChoice): Promise<number>;
}
