import { z } from 'zod';
import type { SignedIn } from '../access/access.ts';
import { errorCode } from '../errors.ts';
import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { found, idParams, listOf, route, userOf, type RouteSpec } from './route.ts';
import { endedCookie, sessionCookie, tokenOf } from './session-cookie.ts';

export function accessRoutes({ hub, version, codeRequired, isSecure, sessionsChanged }: RouteOptions): RouteSpec[] {
  const { access } = hub;
  const audit = auditOf(hub);
  const sessionAnswer = async ({ user, permissions }: SignedIn): Promise<contract.Session> =>
    wire({ user, permissions, site: await access.site(), version });

  return [
    route({
      method: 'get',
      path: '/setup',
      needs: 'public',
      summary: 'Whether the first administrator is still to be made',
      answer: contract.SetupState,
      handle: async () => ({ needed: await access.setupNeeded(), codeRequired }),
    }),
    route({
      method: 'post',
      path: '/setup',
      needs: 'public',
      summary: 'Make the first administrator and sign in',
      body: contract.SetupInput,
      answer: contract.Session,
      status: 201,
      async handle({ body, address, res }) {
        try {
          await access.setUp(body);
        } catch (error) {
          const code = errorCode(error);
          if (code === 'setup_code_wrong') await audit({ signedIn: null, address }, 'setup.failed', null, { code });
          throw error;
        }
        await access.updateSite({ language: body.language });
        const { token, signedIn, expiresAt } = await access.signIn(body.name, body.password, address);
        await audit({ signedIn, address }, 'setup.done', signedIn.user.userId);
        res.setHeader('Set-Cookie', sessionCookie(token, expiresAt, isSecure));
        return sessionAnswer(signedIn);
      },
    }),
    route({
      method: 'get',
      path: '/session',
      needs: 'session',
      summary: 'Who is signed in, and what they may do',
      answer: contract.Session,
      handle: ({ signedIn }) => sessionAnswer(found(signedIn, 'session')),
    }),
    route({
      method: 'post',
      path: '/session',
      needs: 'public',
      summary: 'Sign in',
      body: contract.SignIn,
      answer: contract.Session,
      status: 201,
      async handle({ body, address, res }) {
        const { token, signedIn, expiresAt } = await access
          .signIn(body.name, body.password, address)
          .catch(async (error: unknown) => {
            await audit({ signedIn: null, address }, 'session.failed', body.name, { code: errorCode(error) });
            throw error;
          });
        await audit({ signedIn, address }, 'session.started', null);
        res.setHeader('Set-Cookie', sessionCookie(token, expiresAt, isSecure));
        return sessionAnswer(signedIn);
      },
    }),
    route({
      method: 'delete',
      path: '/session',
      needs: 'session',
      summary: 'Sign out',
      async handle({ req, res, ...asker }) {
        await access.signOut(tokenOf(req.headers.cookie) ?? '');
        sessionsChanged();
        await audit(asker, 'session.ended', null);
        res.setHeader('Set-Cookie', endedCookie(isSecure));
      },
    }),
    route({
      method: 'post',
      path: '/session/password',
      needs: 'session',
      summary: 'Change your own password; ends all your sessions',
      body: contract.PasswordChange,
      async handle({ body, res, ...asker }) {
        await access.changePassword(userOf(asker).userId, body.current, body.next);
        sessionsChanged();
        await audit(asker, 'password.changed', null);
        res.setHeader('Set-Cookie', endedCookie(isSecure));
      },
    }),
    route({
      method: 'get',
      path: '/users',
      needs: 'users.manage',
      summary: 'All users',
      answer: listOf(contract.User),
      handle: async () => ({ items: wire(await access.users()) }),
    }),
    route({
      method: 'post',
      path: '/users',
      needs: 'users.manage',
      summary: 'Add a user',
      body: contract.UserInput,
      answer: contract.User,
      status: 201,
      async handle({ body, ...asker }) {
        const user = await access.createUser(body);
        await audit(asker, 'user.created', user.userId, { name: user.name, role: user.role });
        return wire(user);
      },
    }),
    route({
      method: 'patch',
      path: '/users/:userId',
      needs: 'users.manage',
      summary: 'Change role or password, disable',
      params: idParams('userId'),
      body: contract.UserChange,
      answer: contract.User,
      async handle({ params, body, ...asker }) {
        const user = await access.updateUser(params.userId, body);
        sessionsChanged();
        const { role, disabled, password } = body;
        await audit(asker, 'user.changed', user.userId, { role, disabled, password: password !== undefined });
        return wire(user);
      },
    }),
    route({
      method: 'get',
      path: '/site',
      needs: 'session',
      summary: 'Name, time zone, era and language of the site',
      answer: contract.Site,
      handle: () => access.site(),
    }),
    route({
      method: 'patch',
      path: '/site',
      needs: 'site.manage',
      summary: 'Change the site',
      body: contract.Site.partial(),
      answer: contract.Site,
      async handle({ body, ...asker }) {
        const site = await access.updateSite(body);
        await audit(asker, 'site.changed', null, body);
        return site;
      },
    }),
    route({
      method: 'get',
      path: '/audit',
      needs: 'audit.view',
      summary: 'What people did, newest first',
      query: z.object({
        limit: z.coerce.number().int().min(1).max(200).default(50),
        before: z
          .string()
          .regex(/^\d{1,18}$/)
          .optional()
          .describe('auditId of the last row that is known: what is older follows'),
        action: z
          .string()
          .regex(/^[a-z_]{1,40}(\.[a-z_]{1,40})?$/)
          .optional()
          .describe('an action, or its first part: blacklist gives all of blacklist.…'),
        userId: z.string().min(1).max(100).optional(),
        subject: z.string().min(1).max(100).optional(),
        from: z.iso.datetime({ offset: true }).optional(),
        to: z.iso.datetime({ offset: true }).optional(),
      }),
      answer: listOf(contract.AuditEntry),
      async handle({ query: { limit, before = null, action = null, userId = null, subject = null, from, to } }) {
        const [since, until] = [from, to].map((at) => (at === undefined ? null : new Date(at)));
        const query = { limit, before, action, userId, subject, from: since ?? null, to: until ?? null };
        return { items: wire(await access.auditTrail(query)) };
      },
    }),
    route({
      method: 'get',
      path: '/audit/verify',
      needs: 'audit.view',
      summary: 'Whether the audit trail is whole: every row follows from the one before it',
      query: z.object({
        noted: z
          .string()
          .regex(/^\d{1,15}:[0-9a-fA-F]{64}$/)
          .optional()
          .describe('a head that was noted before, as auditId:hash: the trail must still hold it'),
      }),
      answer: contract.AuditCheck,
      async handle({ query: { noted }, ...asker }) {
        const [auditId, hash = ''] = noted?.split(':') ?? [];
        const report = await access.verifyAudit(auditId === undefined ? null : { auditId: Number(auditId), hash });
        await audit(asker, 'audit.verified', null, { rows: report.rows, fault: report.fault });
        return report;
      },
    }),
  ];
}
