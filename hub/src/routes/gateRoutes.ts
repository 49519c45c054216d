import { CodedError } from '@palang/contract/errors';
import type { Attempts } from '../access/attempts.js';
import type { Audit } from '../audit/audit.js';
import { knownLane } from '../gates/chooseLane.js';
import type { Gates } from '../gates/gates.js';
import type { Handlers } from '../http/routes.js';
import type { Directory, Pairing } from '../link/ports.js';
import type { Simulation } from '../simulation/simulation.js';

export interface GateParts {
  readonly gates: Gates;
  readonly pairing: Pairing;
  readonly attempts: Attempts;
  readonly audit: Audit;
  readonly directory: Directory;
  readonly simulation: Simulation | null;
}

type GateRoute = 'entry' | 'exit' | 'gateControl' | 'capture' | 'pairingCode' | 'pair' | 'simulateVehicle';

/** What moves a lane, lets a gateway in, or sends a simulated vehicle. */
export function gateRoutes(parts: GateParts): Pick<Handlers, GateRoute> {
  const { gates, pairing, attempts, audit, directory, simulation } = parts;
  return {
    entry: (call) => gates.entry(call.input, call),

    exit: async (call) => {
      const result = await gates.exit(call.input, call);
      if (result.status === 'awaiting_payment') call.ctx.status = 202;
      return result;
    },

    gateControl: (call) => gates.control(call.params.gate_id, call.input, call),

    capture: (call) => gates.capture(call.params.gate_id, call),

    pairingCode: async (call) => {
      const { gateway } = call.input;
      const act = { actor: call.actor, action: 'gateway.pairing_code', target: gateway, requestId: call.requestId };
      const { code, expiresAt } = await audit.carryOut(act, () => pairing.createCode(gateway));
      return { code, expires_at: expiresAt };
    },

    pair: async (call) => {
      const { code, gateway, public_key } = call.input;
      const act = { actor: call.actor, action: 'gateway.pair', target: gateway, requestId: call.requestId };
      const { hubPublicKey } = await attempts.guard('pair', '', call.ctx.ip, () =>
        audit.carryOut(act, () => pairing.pair(code, gateway, public_key)),
      );
      return { gateway, hub_public_key: hubPublicKey };
    },

    simulateVehicle: async (call) => {
      if (simulation === null) throw new CodedError('not_found', 'This hub does not simulate');
      const gate = knownLane(directory, call.params.gate_id);
      const { card_id, license_plate: plate, vehicle_type: vehicleClass } = call.input;
      const target = `${gate} ${plate}`;
      const act = { actor: call.actor, action: 'simulation.vehicle', target, requestId: call.requestId };
      const visit = { gate, label: card_id ?? null, plate, vehicleClass };
      return { vehicle_id: await audit.carryOut(act, () => simulation.visit(visit)), gate_id: gate };
    },
  };
}
