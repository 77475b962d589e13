import type { Node, NodeAPI, NodeDef } from 'node-red';
import { errorCode, LprError } from '../../core/errors.ts';
import { parseConfig } from '../../core/fields.ts';
import type { Hub } from '../../core/hub.ts';
import type { LprMessage, LprRecord } from '../../core/message.ts';
import type { NodeBehaviour, NodeSpec, Send } from './define-node.ts';

const MINUTE_MS = 60_000;
const STATUS_MS = 2_000;

/** How many messages passed within the last minute, as the node's status. */
function createRate(show: (perMinute: number) => void): { count(): void; stop(): void } {
  let times: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  const update = (): void => {
    times = times.filter((time) => time > Date.now() - MINUTE_MS);
    show(times.length);
    timer = times.length > 0 ? setTimeout(update, STATUS_MS) : undefined;
    timer?.unref();
  };
  return {
    count() {
      times.push(Date.now());
      if (timer === undefined) update();
    },
    stop() {
      clearTimeout(timer);
    },
  };
}

/** For stock nodes such as debug: the newest part of the record. */
const courtesy = (lpr: LprRecord): unknown =>
  lpr.geofence ?? lpr.hit ?? lpr.detection ?? lpr.read ?? lpr.patch ?? lpr.frame;

/** Turns a node's declaration into what Node-RED loads: `export default (RED) => …`. */
export function register(spec: NodeSpec<any, any, any>): (RED: NodeAPI) => void {
  const outputs = spec.outputs as readonly string[];
  return (RED) => {
    function LprNode(this: Node, def: NodeDef & Record<string, unknown>): void {
      RED.nodes.createNode(this, def);
      // A key, not a sentence: each editor shows it in its own reader's language.
      const showError = (error: unknown): void => {
        this.status({ fill: 'red', shape: 'ring', text: `error.${errorCode(error)}` });
      };
      const hub = (RED.settings as unknown as { lprHub: Hub }).lprHub;
      const stopped = new AbortController();
      const rate = createRate((n) => { this.status(n > 0 ? { fill: 'green', shape: 'dot', text: `${n}/min` } : {}); });
      const sendBy =
        (send: (messages: unknown[]) => void): Send<string> =>
        (output, msg) => {
          msg.payload = courtesy(msg.lpr);
          rate.count();
          send(outputs.map((name) => (name === output ? msg : null)));
        };

      let behaviour: NodeBehaviour<any, any>;
      try {
        const config = parseConfig(spec.fields, def);
        behaviour = spec.setup({
          config,
          hub,
          signal: stopped.signal,
          send: sendBy((messages) => { this.send(messages as never); }),
        });
      } catch (error) {
        showError(error);
        this.error(error instanceof Error ? error.message : String(error));
        return;
      }

      this.on('input', (msg, send, done) => {
        const { lpr } = msg as unknown as Partial<LprMessage>;
        const run = async (): Promise<void> => {
          if (lpr === undefined || (spec.accepts !== 'source' && lpr[spec.accepts as keyof LprRecord] === undefined)) {
            throw new LprError(
              'message_incomplete',
              `This node needs msg.lpr.${String(spec.accepts)}: wire it behind a node that gives it.`,
              { needs: spec.accepts },
            );
          }
          await behaviour.input?.(msg as never, sendBy(send as never));
          if (outputs.length === 0) rate.count();
        };
        run().then(
          () => {
            done();
          },
          (error: unknown) => {
            showError(error);
            // A node that is being closed did not fail the frame's content; the frame comes again all the same.
            if (lpr !== undefined) hub.ingest.fail(lpr.token, error);
            done(error instanceof Error ? error : new Error(String(error)));
          },
        );
      });
      this.on('close', (done: () => void) => {
        stopped.abort();
        rate.stop();
        void Promise.resolve(behaviour.close?.()).finally(done);
      });
    }
    RED.nodes.registerType(spec.type, LprNode as never);
  };
}
