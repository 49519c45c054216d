import * as z from 'zod';

const port = z.number().int().min(0).max(65_535);

/** Configuration of a site process: one JSON file. Ports may be 0 for a free one; the `site ready` line tells which. */
export const SiteConfig = z.strictObject({
  /** Name of the gateway whose world this is; in logs and state only. */
  gateway: z.string().min(1),
  /** Folder for EEPROMs and terminal memories; made when missing. */
  data_dir: z.string().min(1),
  /** The board's program, Intel hex. */
  hex: z.string().min(1),
  control_port: port,
  camera_port: port,
  lanes: z
    .array(
      z.strictObject({
        lane: z.string().regex(/^[a-z0-9_-]+$/),
        direction: z.enum(['in', 'out', 'reversible']),
        /** Path of the symbolic link that stands for the board's USB port. */
        tty: z.string().min(1),
        /** Port of the lane's payment terminal; without it the lane has none. */
        terminal_port: port.optional(),
      }),
    )
    .min(1)
    .refine((lanes) => new Set(lanes.map(({ lane }) => lane)).size === lanes.length, 'lane names must differ'),
});
export type SiteConfig = z.infer<typeof SiteConfig>;
