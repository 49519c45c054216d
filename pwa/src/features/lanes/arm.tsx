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
      <svg viewBox="0 0 92 78" width="92" height="78" aria-hidden="true">
        <path class="arm-ground" d="M2 75h88" />
        <rect class="arm-post" x="7" y="54" width="14" height="21" rx="2" />
        <g class="arm-beam" style={{ transform: `rotate(${-ANGLE[position]}deg)` }}>
          <path class="arm-bar" d="M14 58h66" />
          <path class="arm-stripes" d="M24 58h56" />
        </g>
        <circle class="arm-hub" cx="14" cy="58" r="5" />
      </svg>
      <figcaption>
        {w.t('arm.title')} <b>{w.t(`arm.${position}`)}</b>
      </figcaption>
    </figure>
  );
}
