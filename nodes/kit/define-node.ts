/** What a node of this project is: its form, palette entry, config type, wiring and behaviour, declared in one place. */
import type { Hub } from '../../core/hub.ts';
import type { ConfigOf, Fields } from '../../core/fields.ts';
import type { LprMessage, Stage } from '../../core/message.ts';

export { choice, flag, number, ref, secret, text, type ConfigOf, type Fields } from '../../core/fields.ts';
export { LprError } from '../../core/errors.ts';
export type { LprMessage, LprRecord, Stage } from '../../core/message.ts';

/** Sends on a named output. A message sent where nothing is wired is discarded, so that its frame still comes to an end. */
export type Send<Out extends string> = (output: Out, msg: LprMessage) => void;

export interface NodeContext<F extends Fields, Out extends string> {
  readonly config: ConfigOf<F>;
  readonly hub: Hub;
  /** For a source node. A node with an input uses the `send` that comes with each message, so that traces stay whole. */
  readonly send: Send<Out>;
  /** Fires when the node is closed or deployed anew. */
  readonly signal: AbortSignal;
}

export interface NodeBehaviour<In extends Stage, Out extends string> {
  /** A throw fails the message's frame: the hub tries it again later, then keeps it with the error. */
  input?(msg: LprMessage<In>, send: Send<Out>): void | Promise<void>;
  close?(): void | Promise<void>;
}

export interface NodeSpec<F extends Fields = Fields, In extends Stage = Stage, Out extends string = string> {
  readonly type: `lpr-${string}`;
  /** `font-awesome/fa-…`, or a file in the node's folder `icons/`. */
  readonly icon: string;
  readonly color?: string;
  /** `source` has no input, `any` takes whatever comes; else the part of `msg.lpr` that must be there. */
  readonly accepts: In | 'source' | 'any';
  readonly outputs: readonly Out[];
  readonly fields: F;
  /** Keys of fields whose values stand in the node's label. */
  readonly summary?: readonly (keyof F & string)[];
  /** For a field that picks from a list of the hub: what an item must be to be offered: `reads` (true), or `plugin=email`. */
  readonly offers?: Readonly<Partial<Record<keyof F & string, string>>>;
  /** The part of `msg.lpr` that a message has gained when it leaves by the output; none by default. */
  readonly gives?: Readonly<Partial<Record<NoInfer<Out>, Stage>>>;
  /** True: every message that reaches this node is settled here. Names of outputs: what leaves by them is settled already. */
  readonly settles?: true | readonly NoInfer<Out>[];
  setup(context: NodeContext<F, Out>): NodeBehaviour<In, Out>;
}

/** Declares a node. */
export const defineNode = <const F extends Fields, const In extends Stage, const Out extends string>(
  spec: NodeSpec<F, In, Out>,
): NodeSpec<F, In, Out> => spec;
