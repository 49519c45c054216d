import * as z from 'zod/mini';

/** RFC 9457 problem details, plus our `code`. `retryable` tells a client that the same request may succeed later. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  retryable: z.boolean(),
  request_id: z.string(),
  /** What explains the code, for example the issues of a rejected body or the active faults. */
  context: z.optional(z.record(z.string(), z.unknown())),
});
export type Problem = z.infer<typeof Problem>;

/** The HTTP status of each code that a route may answer. */
export const problemStatus = {
  bad_request: 400,
  bad_body: 400,
  unauthenticated: 401,
  bad_credentials: 401,
  forbidden: 403,
  origin_refused: 403,
  unknown_credential: 403,
  card_blocked: 403,
  card_not_yet_valid: 403,
  card_expired: 403,
  already_inside: 403,
  site_full: 403,
  class_not_allowed: 403,
  no_open_session: 403,
  wrong_direction: 403,
  not_found: 404,
  unknown_gate: 404,
  method_not_allowed: 405,
  no_vehicle: 409,
  lane_busy: 409,
  lane_unseen: 409,
  lane_fault: 409,
  out_of_service: 409,
  gate_ambiguous: 409,
  setup_done: 409,
  setup_needed: 409,
  no_tariff: 409,
  fee_above_ceiling: 409,
  payment_method_unavailable: 409,
  nothing_to_do: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  internal: 500,
  camera_offline: 502,
  gateway_refused: 502,
  gateway_offline: 503,
  not_ready: 503,
  gateway_timeout: 504,
} as const;
export type ProblemCode = keyof typeof problemStatus;

/** Codes for which trying again later may help. */
export const retryableCodes: ReadonlySet<ProblemCode> = new Set([
  'lane_busy',
  'no_vehicle',
  'too_many_requests',
  'camera_offline',
  'gateway_offline',
  'not_ready',
  'gateway_timeout',
]);
