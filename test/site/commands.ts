import * as z from 'zod';
import { BEHAVIOURS, INSTRUMENTS, PAYS, VEHICLE_LENGTHS, type VehicleType } from './world/vehicle.js';

/** Bodies of the control API (README.md, "Control API"). */

const Card = z
  .strictObject({ bits: z.union([z.literal(26), z.literal(34)]), value: z.number().int().min(0) })
  .refine(({ bits, value }) => value < 2 ** (bits - 2), 'value does not fit between the parity bits');

const VEHICLE_TYPES = Object.keys(VEHICLE_LENGTHS) as [VehicleType, ...VehicleType[]];

export const SendVehicle = z.strictObject({
  lane: z.string(),
  plate: z.string().min(1).max(16),
  vehicle_type: z.enum(VEHICLE_TYPES).default('car'),
  card: Card.optional(),
  pays: z.enum(PAYS).default('approve'),
  instrument: z.enum(INSTRUMENTS).default('emoney'),
  behaviour: z.enum(BEHAVIOURS).default('drive'),
});
export type SendVehicle = z.infer<typeof SendVehicle>;

export const VehicleActionName = z.enum(['leave', 'back_out', 'show_card', 'press_button']);

export const ShowCard = z.strictObject({
  lane: z.string(),
  bits: z.union([z.literal(26), z.literal(34)]),
  value: z.number().int().min(0).max(0xffff_ffff),
  parity: z.enum(['right', 'wrong']).default('right'),
});
export type ShowCard = z.infer<typeof ShowCard>;

const on = { lane: z.string(), active: z.boolean() };
const loopFault = z.enum(['stuck', 'chatter', 'dead']);

export const SetFault = z.discriminatedUnion('device', [
  z.strictObject({ ...on, device: z.literal('arming_loop'), fault: loopFault }),
  z.strictObject({ ...on, device: z.literal('closing_loop'), fault: loopFault }),
  z.strictObject({
    ...on,
    device: z.literal('arm'),
    fault: z.enum(['blocked', 'broken', 'relay_cut', 'upper_limit_dead', 'lower_limit_dead']),
  }),
  z.strictObject({ ...on, device: z.literal('reader'), fault: z.literal('dead') }),
  z.strictObject({ ...on, device: z.literal('board'), fault: z.enum(['external_reset', 'power_cycle']) }),
  z.strictObject({ ...on, device: z.literal('serial'), fault: z.enum(['unplugged', 'garbage']) }),
  z.strictObject({ ...on, device: z.literal('camera'), fault: z.enum(['off', 'stalled', 'truncated']) }),
  z.strictObject({
    ...on,
    device: z.literal('terminal'),
    fault: z.enum(['drop_after_approval', 'late', 'refuse', 'off']),
  }),
]);
export type SetFault = z.infer<typeof SetFault>;
