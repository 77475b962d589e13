const NAME = 'lpr_session';

/** The session token among a request's cookies. */
export function tokenOf(cookieHeader: string | undefined): string | null {
  return new RegExp(`(?:^|;\\s*)${NAME}=([\\w-]+)`).exec(cookieHeader ?? '')?.[1] ?? null;
}

/** SameSite strict: no other site can make a browser act in the hub's name. */
export const sessionCookie = (token: string, expiresAt: Date, isSecure: boolean): string =>
  `${NAME}=${token}; Path=/; HttpOnly; SameSite=Strict; Expires=${expiresAt.toUTCString()}${isSecure ? '; Secure' : ''}`;

export const endedCookie = (isSecure: boolean): string => sessionCookie('', new Date(0), isSecure);
