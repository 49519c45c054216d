import type { ArmPosition } from '@palang/contract/vocabulary';
import { words } from '../../i18n/language.js';

/** Degrees from level; where nobody knows, the arm is drawn dashed half-way. */
const ANGLE: Readonly<Record<ArmPosition, number>> = {
  down: 0,
  raising: 50,
  up: 82,
  lowering: 30,
  stopped: 40,
  unknown: 40,
};

/** The arm as the board last reported it; it turns when the report changes. */
export function Arm({ position }: { position: ArmPosition }) {
  const w = words.value;
  const odd = position === 'stopped' || position === 'unknown';
  return (
    <figure class="arm" data-odd={odd}>
      <svg viewBox="0 0 104 64" width="104" height="64" aria-hidden="true">
        <path class="arm-ground" d="M2 60h100" />
        <rect class="arm-post" x="8" y="36" width="14" height="24" rx="2" />
        <g class="arm-beam" style={{ transform: `rotate(${-ANGLE[position]}deg)` }}>
          <path class="arm-bar" d="M15 40h72" />
          <path class="arm-stripes" d="M24 40h64" />
        </g>
        <circle class="arm-hub" cx="15" cy="40" r="5" />
      </svg>
      <figcaption>
        {w.t('arm.title')} <b>{w.t(`arm.${position}`)}</b>
      </figcaption>
    </figure>
  );
}
