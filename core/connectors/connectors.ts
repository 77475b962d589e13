/**
 * What other systems are told of detections: which system, in which form, what of it, and what became of it. Each detection is
 * told at least once under a stable id; what is never taken lies in dead letters until somebody sends it again or lets it go.
 */

/** `all`: every detection that the filters let through. `flow`: those that a flow's send node hands over. */
export type Sends = 'all' | 'flow';

export interface ConnectorInput {
  readonly name: string;
  /** A connector plugin's id. */
  readonly plugin: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly enabled: boolean;
  readonly sends: Sends;
  /** Tell a detection at its first read, and again when it is settled. Only for forms that can say so. */
  readonly provisional: boolean;
  /** Tell again what says something else than was told. Only for forms that can say so. */
  readonly updates: boolean;
  /** Tell also what reached the hub long after it happened. */
  readonly late: boolean;
  /** Empty: every camera. */
  readonly cameraIds: readonly string[];
  /** ISO 3166-1 alpha-2; empty: every country. */
  readonly countries: readonly string[];
  /** 0..1; null: whatever it is. */
  readonly minConfidence: number | null;
  /** At most so many a second. */
  readonly perSecond: number;
  /** The address may lie on the hub's own machine or network. */
  readonly allowPrivate: boolean;
}

export interface ConnectorState {
  readonly sent: number;
  /** Due and not taken yet; those that may still change and are not told before do not count. */
  readonly waiting: number;
  readonly dead: number;
  readonly lastSuccessAt: Date | null;
  /** How long the oldest one that is due waits; null when none does. */
  readonly lagSeconds: number | null;
  /** The newest refusal; what came after it may have been taken. */
  readonly error: { readonly code: string; readonly message: string; readonly at: Date } | null;
}

/** As it may be shown: secrets of `config` are `true` when set. */
export interface Connector extends ConnectorInput {
  readonly connectorId: string;
  readonly createdAt: Date;
  readonly state: ConnectorState;
}

export interface DeadDelivery {
  readonly detectionId: string;
  readonly plateNumber: string | null;
  readonly cameraName: string | null;
  readonly capturedAt: Date | null;
  readonly attempts: number;
  readonly failedAt: Date;
  readonly error: { readonly code: string; readonly message: string };
}

export interface Connectors {
  list(): Promise<readonly Connector[]>;
  /** @throws connector_unknown, name_taken, invalid_input */
  create(input: ConnectorInput): Promise<Connector>;
  /** The plugin stays. @throws not_found, name_taken, invalid_input */
  update(connectorId: string, change: Partial<Omit<ConnectorInput, 'plugin'>>): Promise<Connector>;
  /** With its outbox. @throws not_found */
  remove(connectorId: string): Promise<void>;
  /** Sends a made-up detection, now. @throws not_found, connector_unreachable, connector_refused, connector_private */
  test(connectorId: string): Promise<void>;
  /** Newest first. @throws not_found */
  dead(connectorId: string, limit: number): Promise<readonly DeadDelivery[]>;
  /** Makes dead letters due again. Gives how many. @throws not_found */
  replay(connectorId: string, detectionIds: readonly string[] | 'all'): Promise<number>;
  /** Lets dead letters go. Gives how many. @throws not_found */
  discard(connectorId: string, detectionIds: readonly string[] | 'all'): Promise<number>;
  /**
   * Hands one detection over, durable when it resolves; the same one twice is told once. `off`: the connector is switched off.
   * @throws connector_unknown when there is no such connector
   */
  hand(connectorId: string, detectionId: string): Promise<'queued' | 'off'>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
