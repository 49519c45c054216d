import * as z from 'zod/mini';

/** What a route or a message needs. Checked by the hub and the gateways; the PWA only reads them to hide what would be refused. */
export const Permission = z.enum([
  'status:read',
  'sessions:read',
  'sessions:write',
  'gate:control',
  'camera:read',
  'camera:capture',
  'events:read',
  'audit:read',
  'simulation',
  'gateways:manage',
  'keys:manage',
  'users:manage',
]);
export type Permission = z.infer<typeof Permission>;

export const Role = z.enum(['admin', 'operator', 'technician', 'auditor']);
export type Role = z.infer<typeof Role>;

const read: readonly Permission[] = ['status:read', 'sessions:read', 'camera:read', 'events:read'];
const operate: readonly Permission[] = [...read, 'sessions:write', 'gate:control', 'camera:capture', 'simulation'];

export const permissionsOf: Readonly<Record<Role, readonly Permission[]>> = {
  admin: Permission.options,
  operator: operate,
  technician: [...read, 'gate:control', 'camera:capture', 'gateways:manage', 'simulation'],
  auditor: [...read, 'audit:read'],
};
