/** Turns a node's declaration into what Node-RED loads. */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { errorCode, errorMessage, LprError } from '../../core/errors.ts';
import { parseConfig, type Field } from '../../core/fields.ts';
import type { Hub } from '../../core/hub.ts';
import type { LprMessage, LprRecord } from '../../core/message.ts';
import type { NodeBehaviour, NodeSpec, Send } from './define-node.ts';
import { createNodeStatus } from './node-status.ts';

/** For stock nodes such as debug: the newest part of the record. */
const courtesy = (lpr: LprRecord): unknown =>
  lpr.alert ?? lpr.geofence ?? lpr.hit ?? lpr.detection ?? lpr.read ?? lpr.patch ?? lpr.frame;

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(errorMessage(error)));

/** Keys of fields that Node-RED keeps apart and encrypted. */
export const secretKeys = (spec: NodeSpec<any, any, any>): readonly string[] =>
  Object.entries(spec.fields as Record<string, Field<unknown>>).flatMap(([key, { kind }]) =>
    kind === 'secret' ? [key] : [],
  );

export function register(spec: NodeSpec<any, any, any>): (RED: NodeAPI) => void {
  const outputs = spec.outputs as readonly string[];
  const secrets = secretKeys(spec);
  return (RED) => {
    function LprNode(this: Node, def: NodeDef & Record<string, unknown>): void {
      RED.nodes.createNode(this, def);
      const hub = (RED.settings as unknown as { lprHub: Hub }).lprHub;
      const wires = (this as unknown as { wires?: readonly (readonly string[])[] }).wires ?? [];
      const stopped = new AbortController();
      const status = createNodeStatus((value) => {
        this.status(value);
      });
      const inWork = new Set<Promise<void>>();

      const sendBy =
        (send: (messages: unknown[]) => void): Send<string> =>
        (output, msg) => {
          if (stopped.signal.aborted) {
            // What follows may be closed already and would lose the message without a word; so its frame comes again.
            hub.ingest.fail(
              msg.lpr.token,
              new LprError('stopping', 'The flow was stopped or deployed anew meanwhile.'),
            );
            return;
          }
          msg.payload = courtesy(msg.lpr);
          const port = outputs.indexOf(output);
          if (spec.accepts === 'source') status.passed();
          if ((wires[port] ?? []).length === 0) {
            // Ignored when the message was settled before, as behind a record node.
            hub.ingest.settle(msg.lpr.token, 'discarded');
            return;
          }
          send(outputs.map((_, index) => (index === port ? msg : null)));
        };

      let behaviour: NodeBehaviour<any, any>;
      try {
        const { credentials } = this as unknown as { credentials?: Record<string, unknown> };
        const kept = Object.fromEntries(secrets.map((key) => [key, credentials?.[key]]));
        behaviour = spec.setup({
          config: parseConfig(spec.fields, { ...def, ...kept }),
          hub,
          signal: stopped.signal,
          send: sendBy((messages) => {
            this.send(messages as never);
          }),
        });
      } catch (error) {
        status.failed(errorCode(error));
        this.error(errorMessage(error));
        // Else messages that come here would vanish without a word.
        behaviour = {
          input: () => {
            throw error;
          },
        };
      }

      const handle = async (msg: unknown, send: Send<string>): Promise<void> => {
        const { lpr } = msg as Partial<LprMessage>;
        const needsPart = spec.accepts !== 'source' && spec.accepts !== 'any';
        if (lpr === undefined || (needsPart && lpr[spec.accepts as keyof LprRecord] === undefined)) {
          const part = String(spec.accepts);
          throw new LprError(
            'message_incomplete',
            `This node needs msg.lpr.${part}: wire it behind a node that gives it.`,
          );
        }
        await behaviour.input?.(msg as never, send);
        status.passed();
      };
      this.on('input', (msg, send, done) => {
        const work = handle(msg, sendBy(send as never))
          .then(
            () => {
              done();
            },
            (error: unknown) => {
              const { lpr } = msg as unknown as Partial<LprMessage>;
              if (lpr !== undefined) hub.ingest.fail(lpr.token, error);
              if (stopped.signal.aborted) {
                // Given up because the flow was deployed anew: nobody's fault.
                done();
                return;
              }
              status.failed(errorCode(error));
              done(asError(error));
            },
          )
          .finally(() => inWork.delete(work));
        inWork.add(work);
      });
      this.on('close', (done: () => void) => {
        stopped.abort();
        status.stop();
        const close = async (): Promise<void> => {
          await Promise.all(inWork);
          await behaviour.close?.();
        };
        close()
          .catch((error: unknown) => {
            this.error(errorMessage(error));
          })
          .finally(done);
      });
    }
    RED.nodes.registerType(
      spec.type,
      LprNode as never,
      secrets.length === 0
        ? undefined
        : { credentials: Object.fromEntries(secrets.map((key) => [key, { type: 'password' as const }])) },
    );
  };
}
