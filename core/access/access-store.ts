/** What access needs of a database. */
import type { AuditEntry, AuditQuery, Role, Site, User } from './access.ts';

export interface StoredUser extends User {
  readonly passwordHash: string;
}

export interface StoredSession {
  readonly user: User;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
}

export interface AccessStore {
  countUsers(): Promise<number>;
  users(): Promise<readonly User[]>;
  userById(userId: string): Promise<StoredUser | null>;
  /** Without regard to case. */
  userByName(name: string): Promise<StoredUser | null>;
  /** @throws name_taken; setup_already_done when `first` and a user exists, even one made at the same moment */
  addUser(user: { userId: string; name: string; passwordHash: string; role: Role }, first: boolean): Promise<User>;
  /** Refuses with `conflict` what would leave no enabled administrator. @throws not_found, conflict */
  changeUser(userId: string, change: { role?: Role; disabled?: boolean; passwordHash?: string }): Promise<User>;
  signedIn(userId: string, at: Date): Promise<void>;
  addSession(session: { tokenHash: Buffer; userId: string; expiresAt: Date }): Promise<void>;
  session(tokenHash: Buffer): Promise<StoredSession | null>;
  touchSession(tokenHash: Buffer, at: Date): Promise<void>;
  removeSession(tokenHash: Buffer): Promise<void>;
  removeSessionsOf(userId: string): Promise<void>;
  removeSessionsBefore(at: Date): Promise<void>;
  site(): Promise<Site>;
  changeSite(change: Partial<Site>): Promise<Site>;
  addAudit(entry: Omit<AuditEntry, 'auditId' | 'at' | 'userName' | 'hash'>): Promise<void>;
  audit(query: AuditQuery): Promise<readonly AuditEntry[]>;
}
