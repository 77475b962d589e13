import type { Hub } from '../../core/hub.ts';
import type { ConfigOf, Fields } from '../../core/fields.ts';
import type { LprMessage, Stage } from '../../core/message.ts';

export { choice, flag, number, ref, text, type ConfigOf, type Fields } from '../../core/fields.ts';
export { LprError } from '../../core/errors.ts';
export type { LprMessage, LprRecord, Stage } from '../../core/message.ts';

/** Sends on a named output. */
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
  /** `source` has no input; else the part of `msg.lpr` that must be there. */
  readonly accepts: In | 'source';
  readonly outputs: readonly Out[];
  readonly fields: F;
  /** Keys of fields whose values stand in the node's label. */
  readonly summary?: readonly (keyof F & string)[];
  /** This node ends every message that reaches it: the flow check asks that each camera reaches such a node. */
  readonly settles?: boolean;
  /** The part of `msg.lpr` that messages have gained when they leave by an output; default: what they came with. */
  readonly gives?: Stage;
  setup(context: NodeContext<F, Out>): NodeBehaviour<In, Out>;
}

/** Declares a node: its editor form, palette entry, config type and behaviour, in one place. */
export const defineNode = <const F extends Fields, const In extends Stage, const Out extends string>(
  spec: NodeSpec<F, In, Out>,
): NodeSpec<F, In, Out> => spec;
