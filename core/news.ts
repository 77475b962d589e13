/**
 * What one process of the hub tells the others, itself included: that lists, rules or fences are others now. Told by PostgreSQL,
 * so it needs no further service; nothing that must last travels here.
 */
export type Topic =
  'blacklists' | 'geofences' | 'presence' | 'alerts' | 'rules' | 'channels' | 'calendars' | 'site' | 'templates';

export interface News {
  /** Told once the surrounding transaction, if any, is committed. `subject`: what changed, mostly an id; at most 4,000 bytes. */
  tell(topic: Topic, subject?: string): Promise<void>;
  /**
   * Null as subject: some news may have been missed while the connection was broken, so whatever hangs on them has to be loaded
   * anew. Returns how to stop listening.
   */
  on(topic: Topic, listener: (subject: string | null) => void): () => void;
  /** Resolves when this process hears. */
  start(): Promise<void>;
  stop(): Promise<void>;
}
