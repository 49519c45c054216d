import type { Permission, Role } from '@palang/contract/access/permissions';
import type { Me } from '@palang/contract/api/shapes';
import { CodedError } from '@palang/contract/errors';
import type * as z from 'zod/mini';

/** Who asks: a person who signed in, or a program with an API key. */
export interface Principal {
  readonly kind: 'user' | 'key';
  readonly id: string;
  readonly name: string;
  /** Null for a key. */
  readonly role: Role | null;
  readonly can: ReadonlySet<Permission>;
}

/** How records and commands name the principal, for example `user:admin`. */
export function actorOf(principal: Principal): string {
  return `${principal.kind}:${principal.name}`;
}

/** @throws CodedError `forbidden`. */
export function mustBeAbleTo(principal: Principal, permission: Permission): void {
  if (!principal.can.has(permission)) {
    throw new CodedError('forbidden', `This needs the permission ${permission}`, { permission });
  }
}

export function presentMe(principal: Principal): z.infer<typeof Me> {
  return { name: principal.name, kind: principal.kind, role: principal.role, can: [...principal.can] };
}
