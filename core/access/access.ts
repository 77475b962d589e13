/** Who may do what: users, sessions, roles, the audit trail. */

export const ROLES = ['viewer', 'operator', 'investigator', 'supervisor', 'auditor', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

export const PERMISSIONS = [
  'detections.view',
  'detections.correct',
  'frames.upload',
  'cameras.view',
  'cameras.manage',
  'blacklists.view',
  'blacklists.manage',
  'alerts.view',
  'alerts.acknowledge',
  'flows.view',
  'flows.edit',
  'users.manage',
  'site.manage',
  'audit.view',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export interface User {
  readonly userId: string;
  /** What one signs in with: 2 to 64 characters, unique without regard to case. */
  readonly name: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly createdAt: Date;
  readonly lastSignInAt: Date | null;
}

export interface SignedIn {
  readonly user: User;
  readonly permissions: readonly Permission[];
}

export interface Site {
  readonly name: string;
  /** IANA zone, default Asia/Bangkok. */
  readonly timeZone: string;
  readonly era: 'gregorian' | 'buddhist';
  readonly language: 'th' | 'en';
}

export interface AuditEntry {
  readonly auditId: string;
  readonly at: Date;
  readonly userId: string | null;
  readonly userName: string | null;
  /** e.g. `user.created`, `detection.corrected`, `session.failed`. */
  readonly action: string;
  readonly subject: string | null;
  /** Never plate texts or secrets beyond what the action changed. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly address: string | null;
}

export interface Access {
  /** True until the first administrator exists. */
  setupNeeded(): Promise<boolean>;
  /** Makes the first administrator. @throws setup_already_done, setup_code_wrong, password_too_weak, invalid_input */
  setUp(input: { readonly name: string; readonly password: string; readonly code: string | null }): Promise<User>;
  /** @throws wrong_credentials, too_many_attempts */
  signIn(
    name: string,
    password: string,
    address: string,
  ): Promise<{ readonly token: string; readonly signedIn: SignedIn; readonly expiresAt: Date }>;
  /** Null when the session is unknown, expired, or its user disabled. */
  session(token: string): Promise<SignedIn | null>;
  signOut(token: string): Promise<void>;
  changePassword(userId: string, current: string, next: string): Promise<void>;
  users(): Promise<readonly User[]>;
  /** @throws name_taken, password_too_weak, invalid_input */
  createUser(input: { readonly name: string; readonly password: string; readonly role: Role }): Promise<User>;
  /** @throws not_found, conflict (the last administrator cannot be disabled or demoted) */
  updateUser(
    userId: string,
    change: { readonly role?: Role; readonly disabled?: boolean; readonly password?: string },
  ): Promise<User>;
  permissionsOf(role: Role): readonly Permission[];
  site(): Promise<Site>;
  updateSite(change: Partial<Site>): Promise<Site>;
  audit(entry: Omit<AuditEntry, 'auditId' | 'at' | 'userName'>): Promise<void>;
  auditTrail(options: { readonly limit: number; readonly before: string | null }): Promise<readonly AuditEntry[]>;
}
